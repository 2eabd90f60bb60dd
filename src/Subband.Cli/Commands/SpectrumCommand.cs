using System.CommandLine;
using System.Globalization;
using Subband.Cli.Common;
using Subband.Data;
using Subband.Evaluation;
using Subband.Imaging;
using Subband.Metrics;
using Subband.Models;
using Subband.Torch;
using Subband.Torch.Serialization;

namespace Subband.Cli.Commands;

/// <summary>
/// <c>subband spectrum SOURCE|MODEL… --out FILE.png</c>: the mean power spectra of images and of what models make, in one plot, and how far
/// each is from the first at high frequencies.
/// </summary>
internal sealed class SpectrumCommand : Verb
{
    private const int StandardSamples = 10_000;
    private const string SourceHelp =
        "Images: any source, see 'subband data info'; or a model: a shipped model's name, a run, a checkpoint, a .safetensors file. "
        + "The first is what the others are held against";

    private readonly Argument<string[]> _sources = new("SOURCE|MODEL") { Description = SourceHelp, Arity = ArgumentArity.OneOrMore };
    private readonly Option<string> _out = CommonOptions.Out("The plot to write", "FILE.png");
    private readonly Option<string> _csv = CommonOptions.Path("--csv", "Write the curves too, as comma-separated values", "FILE.csv");
    private readonly Option<long?> _count = CommonOptions.WholeNumber(
        "--count", $"How many images of each (default: all there are; {StandardSamples} of a model or of images without end)", 1, 1_000_000);

    private readonly Option<(int Width, int Height)?> _size = SizeOption();
    private readonly Option<Whitening?> _whiten = WhitenOption();
    private readonly Option<long?> _seed = CommonOptions.Seed();
    private readonly Option<DeviceChoice> _device = CommonOptions.Device();
    private readonly Option<int?> _threads = CommonOptions.Threads();
    private readonly Option<bool> _json = CommonOptions.Json();

    public SpectrumCommand()
        : base("spectrum", "Plot the mean power spectra of images and models, and measure how they differ at high frequencies")
    {
        Add(_sources);
        foreach (Option option in (Option[])[_out, _csv, _count, _size, _whiten, _seed, _device, _threads, _json])
        {
            Add(option);
        }
    }

    protected override int Run(Invocation run)
    {
        CheckTargets(run);
        string[] names = run.Get(_sources);
        if (names.Length > SpectrumSheet.MostSources)
        {
            throw new UsageException($"At most {SpectrumSheet.MostSources} spectra can be told apart in one plot, not {names.Length}.");
        }

        (int Width, int Height)? size = run.Get(_size);
        if (size is { } wanted)
        {
            SpectrumStatistics.RequireSides(wanted.Height, wanted.Width);
        }

        Array.ForEach(names, RequireKnown);
        _ = ModelArguments.Place(run, run.Get(_device), run.Get(_threads));
        List<IDisposable> opened = [];
        try
        {
            string[] labels = SpectrumPage.Labels(names);
            List<SpectrumInput> inputs = [];
            foreach ((int i, string name) in names.Index())
            {
                inputs.Add(Open(run, name, labels[i], opened));
            }

            Write(run, ProgressDisplay.Run(run, show => SpectrumEvaluation.Run(inputs, size, run.Get(_whiten), run.Get(_count), new EvaluationOptions
            {
                Samples = (int)(run.Get(_count) ?? StandardSamples),
                Seed = Seed(run),
                DataThreads = Environment.ProcessorCount,
                Progress = progress => show(WorkDone.Of(progress, "images")),
                Stop = run.Cancellation,
            })));
        }
        finally
        {
            opened.ForEach(one => one.Dispose());
        }

        return ExitCodes.Done;
    }

    private void CheckTargets(Invocation run)
    {
        OutputFile.Require(run.Get(_out), ".png");
        if (run.IsGiven(_csv))
        {
            OutputFile.Require(run.Get(_csv), ".csv", _csv.Name);
        }

        if (!ImageFile.IsAvailable(out string reason))
        {
            throw new SubbandException($"No picture can be written here. {reason}");
        }
    }

    // A bare word may be meant as a data set, a model or a folder: the message has all of them.
    private static void RequireKnown(string name)
    {
        bool isBare = name.IndexOfAny(['/', '#', '.', ':']) < 0;
        if (isBare && !Path.Exists(name) && !ImageSources.Names.Contains(name) && !ModelStore.IsShipped(name))
        {
            throw UsageException.UnknownName("file, folder, data set or shipped model", name, [.. ImageSources.Names, .. ModelStore.Shipped]);
        }
    }

    private SpectrumInput Open(Invocation run, string name, string label, List<IDisposable> opened)
    {
        if (!ModelStore.IsModel(name))
        {
            IImageSource source = DataArguments.Open(run, name, defaultSplit: null);
            opened.Add(source);
            return new SpectrumImages(label, source);
        }

        // Of a set of networks for one factor each, the first: none of them makes images from nothing, which is said.
        LoadedModel model = ModelArguments.Open(run, ModelStore.FindSet(name)[0], run.Get(_device), run.Get(_threads));
        opened.Add(model);
        return new SpectrumModel(label, $"{name} ({model.Preset}), seed {Seed(run)}", model.Generator, model.Plan);
    }

    private void Write(Invocation run, SpectrumReport report)
    {
        ImageFile.WritePng(run.Get(_out), SpectrumSheet.Render(report));
        run.Say($"spectra of {Texts.Count(report.Sources.Count, "source")} in {run.Get(_out)}");
        if (run.IsGiven(_csv))
        {
            AtomicFile.WriteAllText(run.Get(_csv), SpectrumTable.Write(report));
            run.Say($"their curves in {run.Get(_csv)}");
        }

        if (run.Get(_json))
        {
            run.WriteJson(SpectrumResult.Of(report, run.Get(_out), run.Get(_csv)), SpectrumJson.Default.SpectrumResult);
        }
        else
        {
            SpectrumPage.Write(report, run.Out);
        }
    }

    private ulong Seed(Invocation run) => (ulong)(run.Get(_seed) ?? CommonOptions.StandardSeed);

    private static Option<(int Width, int Height)?> SizeOption() => new("--size")
    {
        Description = "Bring all images to this size, which changes their spectra: a side, or width x height as in 96x64 "
            + "(default: that of the model; without one as they are)",
        HelpName = "N|WxH",
        CustomParser = result =>
        {
            int[] sides = [.. result.Tokens[0].Value.Split('x').Select(
                side => int.TryParse(side, NumberStyles.None, CultureInfo.InvariantCulture, out int pixels) ? pixels : 0)];
            if (sides is [> 0] or [> 0, > 0])
            {
                return (sides[0], sides[^1]);
            }

            result.AddError($"--size takes a side in pixels, or width x height as in 96x64, not '{result.Tokens[0].Value}'.");
            return null;
        },
    };

    private static Option<Whitening?> WhitenOption() => new("--whiten")
    {
        Description = "Subtract this mean and divide by this deviation, in grey levels of 0 to 255 (default: those of the first source)",
        HelpName = "MEAN,DEVIATION",
        CustomParser = result =>
        {
            double[] numbers = [.. result.Tokens[0].Value.Split(',').Select(
                text => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) ? number : double.NaN)];
            if (numbers is [var mean, > 0 and var deviation] && double.IsFinite(mean) && double.IsFinite(deviation))
            {
                return new Whitening(mean, deviation);
            }

            result.AddError($"--whiten takes a mean and a deviation greater than 0, such as 112.7,69.5, not '{result.Tokens[0].Value}'.");
            return null;
        },
    };
}
