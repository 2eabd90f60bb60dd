using System.CommandLine;
using Subband.Cli.Common;
using Subband.Models.StyleGan2;
using Subband.Models.StyleGan2.Editing;

namespace Subband.Cli.Commands;

/// <summary>What the verbs of <c>subband edit</c> share.</summary>
internal static class EditOptions
{
    /// <summary>The ending of files of directions and of styles.</summary>
    public const string Ending = ".safetensors";

    /// <summary><c>--out FILE.safetensors</c>, for directions.</summary>
    public static Option<string> DirectionsOut() => CommonOptions.Out("The file of directions to write", "DIRECTIONS" + Ending);

    /// <summary><c>--layers RANGE</c>.</summary>
    public static Option<string> Layers(string description) => new("--layers") { Description = description, HelpName = "RANGE" };

    /// <summary>Reads a range of a model's layers; by default all.</summary>
    /// <exception cref="Torch.SubbandException">It is none, or out of bounds.</exception>
    public static LayerRange Range(Invocation run, Option<string> layers, StyleGan2Model model) =>
        LayerRange.Parse(run.IsGiven(layers) ? run.Get(layers) : "", model.Shape.Styles);
}
