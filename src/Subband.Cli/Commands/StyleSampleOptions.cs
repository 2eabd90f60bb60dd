using System.CommandLine;
using Subband.Cli.Common;
using Subband.Models.StyleGan2;
using Subband.Models.StyleGan2.Editing;

namespace Subband.Cli.Commands;

/// <summary>The options of <c>subband sample</c> that are of styles, which StyleGAN2 and SWAGAN have.</summary>
internal sealed class StyleSampleOptions
{
    private readonly Option<double?> _truncation = CommonOptions.Number(
        "--truncation", "styles: how far from their mean they are, 1 as they come, 0.7 more alike and often better (default: 1)", -10, 10);

    private readonly Option<long?> _truncatedLayers = CommonOptions.WholeNumber(
        "--truncated-layers", "styles: how many layers, the coarsest first, --truncation is for (default: all)", 1, 64);

    private readonly Option<StyleNoise> _noise = CommonOptions.Choice<StyleNoise>(
        "--noise", "styles: which noise is added: other noise for each sample, the network's own for all, or none");

    /// <summary>All of them.</summary>
    public IEnumerable<Option> All => [_truncation, _truncatedLayers, _noise];

    /// <summary>Sets a model as they say.</summary>
    /// <exception cref="UsageException">The model has no styles, or fewer layers.</exception>
    public void Apply(Invocation run, LoadedModel model)
    {
        if (All.FirstOrDefault(run.IsGiven) is not { } given)
        {
            return;
        }

        StyleGan2Model own = Of(model, given.Name);
        int? layers = (int?)run.Get(_truncatedLayers);
        if (layers is not null && !run.IsGiven(_truncation))
        {
            throw new UsageException("--truncated-layers says what --truncation is for, and that was not given.");
        }

        if (layers > own.Shape.Styles)
        {
            throw new UsageException($"--truncated-layers is {layers}, and {model.Preset} has {own.Shape.Styles} layers.");
        }

        own.Sampling = new StyleSampling { Truncation = run.Get(_truncation) ?? 1, TruncatedLayers = layers, Noise = run.Get(_noise) };
    }

    /// <summary>A model with styles.</summary>
    /// <param name="model">The model.</param>
    /// <param name="option">What needs styles.</param>
    /// <exception cref="UsageException">It has none.</exception>
    public static StyleGan2Model Of(LoadedModel model, string option) => model.Generator as StyleGan2Model
        ?? throw new UsageException($"{option} is of the styles of a StyleGAN2 or SWAGAN, and {model.Preset} has none.");

    /// <summary>Reads a range of layers; by default, the coarser half.</summary>
    public static LayerRange Layers(string? text, StyleGan2Model model) => string.IsNullOrEmpty(text)
        ? new LayerRange(0, (model.Shape.Styles / 2) - 1)
        : LayerRange.Parse(text, model.Shape.Styles);
}
