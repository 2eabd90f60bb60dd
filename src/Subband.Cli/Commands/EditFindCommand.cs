using System.CommandLine;
using Subband.Cli.Common;
using Subband.Models.StyleGan2;
using Subband.Models.StyleGan2.Editing;

namespace Subband.Cli.Commands;

/// <summary><c>subband edit find MODEL --out DIRECTIONS</c>: directions in closed form, without any image.</summary>
internal sealed class EditFindCommand : Verb
{
    private const int StandardCount = 10;

    private readonly Argument<string> _model = ModelArguments.Model();
    private readonly Option<string> _out = EditOptions.DirectionsOut();
    private readonly Option<string> _layers = EditOptions.Layers("The layers to look at, such as 2-5, 0 the coarsest (default: all)");
    private readonly Option<long?> _count = CommonOptions.WholeNumber("--count", $"How many, the strongest first (default: {StandardCount})", 1, 4096);
    private readonly Option<FactorisationRule> _rule = CommonOptions.Choice<FactorisationRule>(
        "--rule", "plain: as rosinality/stylegan2-pytorch; unitrows: each row of the modulations to length 1 first, as SeFa's authors");

    public EditFindCommand()
        : base("find", "Find the directions that change the most, by closed-form factorisation of the modulations (SeFa)")
    {
        Add(_model);
        foreach (Option option in (Option[])[_out, _layers, _count, _rule])
        {
            Add(option);
        }
    }

    protected override int Run(Invocation run)
    {
        OutputFile.Require(run.Get(_out), EditOptions.Ending);
        using LoadedModel model = ModelArguments.Open(run, run.Get(_model), DeviceChoice.Cpu, threads: null);
        StyleGan2Model styles = StyleSampleOptions.Of(model, "edit find");
        using StyleDirections found = StyleDirections.Factorise(
            styles, EditOptions.Range(run, _layers, styles), (int)(run.Get(_count) ?? StandardCount), run.Get(_rule));
        found.Save(run.Get(_out));
        run.Out.WriteLine($"{run.Get(_out)}: {Texts.Count(found.Names.Count, "direction")} for layers {found.Layers}");
        return ExitCodes.Done;
    }
}
