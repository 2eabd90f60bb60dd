using System.CommandLine;
using System.Globalization;
using Subband.Cli.Common;
using Subband.Imaging;
using Subband.Torch;

namespace Subband.Cli.Commands;

/// <summary>
/// <c>subband sample MODEL</c>: sheets and files of images that a model makes, and sheets that show how it makes them. The
/// same seed and options give the same bytes.
/// </summary>
internal sealed class SampleCommand : Verb
{
    private const int MostSamples = 100_000;
    private const int StandardSteps = 9;

    private readonly Argument<string> _model = ModelArguments.Model();
    private readonly Option<string> _out = CommonOptions.Out("The sheet to write", "FILE.png", required: false);
    private readonly Option<string> _folder = CommonOptions.Path("--folder", "A folder for the samples, a file each", "DIR");
    private readonly Option<long?> _count = CommonOptions.WholeNumber(
        "--count", "How many samples, or rows of a sheet (default: what fills a sheet)", 1, MostSamples);
    private readonly Option<long?> _seed = CommonOptions.Seed();
    private readonly Option<string> _class = ModelArguments.Class("Samples of this class only");
    private readonly Option<bool> _chain = new("--chain") { Description = "Show what each level adds: a row a sample, coarse to fine" };
    private readonly Option<long?> _redraw = CommonOptions.WholeNumber(
        "--redraw", "Keep everything coarser than this level, 0 the finest, and draw the rest anew several times", 0, 64);
    private readonly Option<int?> _interpolate = Steps();
    private readonly Option<string> _neighbours = new("--neighbours")
    {
        Description = "Put the nearest of these training images beside the samples",
        HelpName = "SOURCE",
    };

    private readonly Option<bool> _bands = new("--bands") { Description = "Put its wavelet picture beside each sample" };
    private readonly Option<string?> _mix = new("--mix")
    {
        Description = "styles: A table of samples that have the styles of some layers from another, such as 4-7 (default: the coarser half)",
        HelpName = "LAYERS",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly StyleSampleOptions _styles = new();
    private readonly Option<DeviceChoice> _device = CommonOptions.Device();
    private readonly Option<int?> _threads = CommonOptions.Threads();
    private readonly Option<bool> _json = CommonOptions.Json();

    public SampleCommand()
        : base("sample", "Make images with a trained model, or show how it makes them")
    {
        Add(_model);
        foreach (Option option in (Option[])
            [_out, _folder, _count, _seed, _class, _chain, _redraw, _interpolate, _neighbours, _bands, _mix, .. _styles.All, _device, _threads, _json])
        {
            Add(option);
        }
    }

    protected override int Run(Invocation run)
    {
        Option? way = Way(run);
        CheckTargets(run, way);
        using LoadedModel model = ModelArguments.Open(run, run.Get(_model), run.Get(_device), run.Get(_threads));
        int? label = ModelArguments.Label(run, _class, model);
        _styles.Apply(run, model);
        SampleSheetMaker maker = new(run, model, Seed: (ulong)(run.Get(_seed) ?? CommonOptions.StandardSeed), Count: (int?)run.Get(_count), label);
        SampleResult result = way switch
        {
            null => maker.Samples(run.Get(_out), run.Get(_folder)),
            _ when way == _chain => maker.Chain(run.Get(_out)),
            _ when way == _redraw => maker.Redraws((int)run.Get(_redraw)!.Value, run.Get(_out)),
            _ when way == _interpolate => maker.Interpolation(run.Get(_interpolate) ?? StandardSteps, run.Get(_out), run.Get(_folder)),
            _ when way == _bands => maker.Bands(run.Get(_out)),
            _ when way == _mix => maker.Mixing(run.Get(_mix), run.Get(_out)),
            _ => maker.Neighbours(run.Get(_neighbours), run.Get(_out)),
        };
        if (run.Get(_json))
        {
            run.WriteJson(result, SampleJson.Default.SampleResult);
        }
        else
        {
            SamplePage.Write(run.Out, result);
        }

        return ExitCodes.Done;
    }

    // The one way of showing samples that was asked for, or null for a plain sheet.
    private Option? Way(Invocation run)
    {
        Option[] given = [.. ((Option[])[_chain, _redraw, _interpolate, _neighbours, _bands, _mix]).Where(run.IsGiven)];
        return given.Length <= 1
            ? given.FirstOrDefault()
            : throw new UsageException($"{given[0].Name} and {given[1].Name} are two kinds of sheet; ask for one at a time.");
    }

    private void CheckTargets(Invocation run, Option? way)
    {
        if (way is not null && way != _interpolate && run.IsGiven(_folder))
        {
            throw new UsageException($"--folder holds plain samples, and {way.Name} makes a sheet: leave out one of them.");
        }

        if (!run.IsGiven(_out) && !run.IsGiven(_folder))
        {
            throw new UsageException(way is null
                ? "Say where to write: --out FILE.png for a sheet, --folder DIR for a file each, or both."
                : $"Say where to write the sheet of {way.Name}: --out FILE.png.");
        }

        if (run.IsGiven(_out))
        {
            bool moves = way == _interpolate && run.Get(_out).EndsWith(SampleSheetMaker.Animation, StringComparison.OrdinalIgnoreCase);
            OutputFile.Require(run.Get(_out), moves ? SampleSheetMaker.Animation : ".png");
        }

        if (run.IsGiven(_folder))
        {
            OutputFolder.Require(run.Get(_folder), "--folder");
        }

        if (!ImageFile.IsAvailable(out string reason))
        {
            throw new SubbandException($"No picture can be written here. {reason}");
        }
    }

    private static Option<int?> Steps() => new("--interpolate")
    {
        Description = $"Walk in this many steps from one drawing of the finer levels' noise to another, or from style to style; a .webp moves (default: {StandardSteps})",
        HelpName = "STEPS",
        Arity = ArgumentArity.ZeroOrOne,
        CustomParser = result =>
        {
            if (result.Tokens.Count == 0)
            {
                return StandardSteps;
            }

            if (int.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out int steps) && steps is >= 2 and <= 64)
            {
                return steps;
            }

            result.AddError($"--interpolate takes a whole number of steps from 2 to 64, not '{result.Tokens[0].Value}'.");
            return null;
        },
    };
}
