using System.CommandLine;
using System.Globalization;
using Subband.Cli.Common;
using Subband.Imaging;
using Subband.Models.StyleGan2;
using Subband.Models.StyleGan2.Editing;
using Subband.Torch;

namespace Subband.Cli.Commands;

/// <summary><c>subband edit show MODEL DIRECTIONS --out SHEET.png</c>: images moved along a direction, a column for each strength.</summary>
internal sealed class EditShowCommand : Verb
{
    private const int StandardRows = 4;
    private const int StandardColumns = 7;
    private const double StandardStrength = 3;

    private readonly Argument<string> _model = ModelArguments.Model();
    private readonly Argument<string> _directions = new("DIRECTIONS") { Description = "A file that 'edit find' or 'edit learn' wrote" };
    private readonly Option<string> _out = CommonOptions.Out("The sheet to write", "SHEET.png");
    private readonly Option<string> _direction = new("--direction") { Description = "Which one, by its name (default: the first)", HelpName = "NAME" };
    private readonly Option<double?> _strength = CommonOptions.PositiveNumber(
        "--strength", $"How far it goes to either side (default: {StandardStrength.ToString(CultureInfo.InvariantCulture)})");

    private readonly Option<long?> _columns = CommonOptions.WholeNumber("--columns", $"How many strengths, an odd number (default: {StandardColumns})", 3, 99);
    private readonly Option<string> _layers = EditOptions.Layers("The layers that are moved, such as 2-5, 0 the coarsest (default: those that the directions are meant for)");
    private readonly Option<string[]> _latents = new("--latents")
    {
        Description = "Files of styles that 'project' wrote, instead of samples",
        HelpName = "FILE",
        AllowMultipleArgumentsPerToken = true,
    };

    private readonly Option<string> _class = ModelArguments.Class("Samples of this class only (default: of the classes in turn)");
    private readonly Option<long?> _count = CommonOptions.WholeNumber("--count", $"How many samples (default: {StandardRows})", 1, 100);
    private readonly Option<long?> _seed = CommonOptions.Seed();
    private readonly StyleSampleOptions _styles = new();
    private readonly Option<DeviceChoice> _device = CommonOptions.Device();
    private readonly Option<int?> _threads = CommonOptions.Threads();

    public EditShowCommand()
        : base("show", "Move samples or projected pictures along a direction, and make a sheet of them")
    {
        Add(_model);
        Add(_directions);
        foreach (Option option in (Option[])
            [_out, _direction, _strength, _columns, _layers, _latents, _class, _count, _seed, .. _styles.All, _device, _threads])
        {
            Add(option);
        }
    }

    protected override int Run(Invocation run)
    {
        OutputFile.Require(run.Get(_out), ".png");
        long columns = run.Get(_columns) ?? StandardColumns;
        if (columns % 2 == 0)
        {
            throw new UsageException($"--columns is {columns}; it must be odd, so that the image as it is stands in the middle.");
        }

        if (run.IsGiven(_latents) && ((Option[])[_count, _class]).FirstOrDefault(run.IsGiven) is { } ofSamples)
        {
            throw new UsageException($"{ofSamples.Name} is of samples, and {_latents.Name} gives other images; leave out one of them.");
        }

        using LoadedModel model = ModelArguments.Open(run, run.Get(_model), run.Get(_device), run.Get(_threads));
        StyleGan2Model own = StyleSampleOptions.Of(model, "edit show");
        _styles.Apply(run, model);
        using StyleDirections directions = StyleDirections.Load(run.Get(_directions), own.Shape);
        int index = Index(run, directions);
        double strength = run.Get(_strength) ?? StandardStrength;
        double[] strengths = [.. Enumerable.Range(0, (int)columns).Select(column => strength * (((2.0 * column) / (columns - 1)) - 1))];
        using TensorScope scope = new();
        ulong seed = (ulong)(run.Get(_seed) ?? CommonOptions.StandardSeed);
        int? label = ModelArguments.Label(run, _class, model);
        int count = (int)(run.Get(_count) ?? StandardRows);
        int[] labels = own.Classes.Count == 0 || run.IsGiven(_latents)
            ? []
            : [.. Enumerable.Range(0, count).Select(row => label ?? own.LabelAt(row))];
        if (label is null && labels.Length > 0)
        {
            run.Say($"note: {model.Preset} has classes; the samples are of the classes in turn, with {_class.Name} of one");
        }

        LabelledSheet sheet = StyleGan2Sheets.Edits(
            own,
            Styles(run, own, count, seed, labels),
            directions,
            index,
            strengths,
            run.IsGiven(_layers) ? EditOptions.Range(run, _layers, own) : directions.Layers,
            seed);
        ImageFile.WritePng(run.Get(_out), (sheet with { RowTitles = [.. labels.Select(row => own.Classes[row])] }).Render());
        run.Out.WriteLine($"{run.Get(_out)}: direction {directions.Names[index]} of {run.Get(_directions)}");
        return ExitCodes.Done;
    }

    private Tensor Styles(Invocation run, StyleGan2Model model, int count, ulong seed, int[] labels)
    {
        if (!run.IsGiven(_latents))
        {
            return model.SampledStyles(count, seed, labels.Length == 0 ? null : labels);
        }

        return Tensor.Cat([.. run.Get(_latents).Select(path =>
        {
            using LatentFile file = LatentFile.Load(path, model.Shape);
            return file.Styles.Clone();
        })]);
    }

    private int Index(Invocation run, StyleDirections directions) =>
        run.IsGiven(_direction) ? UsageException.RequireKnown("direction", run.Get(_direction), directions.Names) : 0;
}
