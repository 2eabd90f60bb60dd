using System.CommandLine;
using Subband.Cli.Common;
using Subband.Imaging;
using Subband.Models.SuperResolution;
using Subband.Torch;
using Subband.Upscaling;

namespace Subband.Cli.Commands;

/// <summary><c>subband upscale INPUT… --out PATH</c>: makes photographs larger, one or whole folders of them.</summary>
internal sealed class UpscaleCommand : Verb
{
    private const string Stdio = "-";

    private readonly Argument<string[]> _inputs = new("INPUT")
    {
        Description = "Photographs, folders with all that is in them, or - for standard input",
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly Option<string> _out = CommonOptions.Out(
        "A file, whose extension says what to write; a folder; or - for standard output", required: false);

    private readonly Option<string[]> _models = new("--model")
    {
        Description = $"{string.Join(", ", Interpolation.Names)}, a shipped model's name, a run, a checkpoint or a .safetensors file "
            + $"(default: {UpscalingModels.Standard}); for --sheet also several times",
        HelpName = "MODEL",
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = false,
    };

    private readonly Option<double?> _scale = CommonOptions.PositiveNumber(
        "--scale", "How many times as wide and high, also 1.5 (default: the model's largest factor, 2 without a network)");

    private readonly Option<long?> _width = CommonOptions.WholeNumber("--width", "The width to reach, in pixels", 1, 1_000_000);
    private readonly Option<long?> _height = CommonOptions.WholeNumber("--height", "The height to reach, in pixels; with --width, the box to fit into", 1, 1_000_000);
    private readonly Option<string> _format = new("--format")
    {
        Description = "What to write into a folder or to standard output: png, jpg, webp or tif (default: what the photograph is)",
        HelpName = "FORMAT",
    };

    private readonly Option<long?> _quality = CommonOptions.WholeNumber(
        "--quality", $"Quality of JPEG and WebP; a WebP of 100 is without loss (default: {UpscaleSettings.StandardQuality})", 1, 100);

    private readonly Option<bool> _strip = new("--strip")
    {
        Description = "Leave out ICC profile, EXIF, XMP and orientation, which are kept otherwise; the picture is turned upright and becomes sRGB instead",
    };

    private readonly Option<bool> _selfEnsemble = new("--self-ensemble")
    {
        Description = "Ask the model eight times, for the picture turned and mirrored, and take the mean: a little better, eight times as slow",
    };

    private readonly Option<bool> _consistent = new("--consistent")
    {
        Description = "Correct the result until, shrunk again, it is the photograph to within one grey level",
    };

    private readonly Option<long?> _tile = CommonOptions.WholeNumber(
        "--tile", "Side of the tiles that the model is given, in pixels of the photograph (default: what memory allows)", 16, 4096);

    private readonly Option<double?> _maximum = CommonOptions.PositiveNumber(
        "--max-megapixels", $"Refuse photographs with more pixels (default: {ImageFile.DefaultMaximumPixels / 1e6:0})");

    private readonly Option<string> _sheet = CommonOptions.Path(
        "--sheet", "Put bicubic and the models side by side, with three places enlarged", "FILE.png");

    private readonly Option<string> _reference = CommonOptions.Path("--reference", "The true large picture, for the sheet", "FILE");
    private readonly Option<DeviceChoice> _device = CommonOptions.Device();
    private readonly Option<UpscalingPrecisionChoice> _precision = CommonOptions.UpscalingPrecision();
    private readonly Option<int?> _threads = CommonOptions.Threads();
    private readonly Option<bool> _json = new("--json") { Description = "Print a line of JSON for each photograph" };

    public UpscaleCommand()
        : base("upscale", "Make photographs larger")
    {
        Add(_inputs);
        foreach (Option option in (Option[])
            [
                _out, _models, _scale, _width, _height, _format, _quality, _strip, _selfEnsemble, _consistent, _tile, _maximum, _sheet,
                _reference, _device, _precision, _threads, _json,
            ])
        {
            Add(option);
        }
    }

    protected override int Run(Invocation run)
    {
        string[] inputs = run.Get(_inputs);
        CheckOptions(run, inputs);
        bool isPiped = inputs[0] == Stdio || run.Get(_out) == Stdio;
        IReadOnlyList<UpscaleJob> jobs = isPiped || !run.IsGiven(_out) ? [] : Jobs(run, inputs);
        List<UpscalingModel> models = [];
        try
        {
            foreach (string name in run.IsGiven(_models) ? run.Get(_models) : [Standard(run)])
            {
                models.Add(ModelArguments.OpenUpscaler(
                    run, name, run.Get(_device), run.Get(_precision), run.Get(_threads), run.Get(_selfEnsemble)));
            }

            UpscaleSettings settings = Settings(run, models);
            if (run.IsGiven(_sheet))
            {
                ImageFile.WritePng(run.Get(_sheet), UpscaleSheet.Make(
                    inputs[0], run.IsGiven(_reference) ? run.Get(_reference) : null, models, settings, run.Cancellation));
                run.Say($"note: the sheet is {run.Get(_sheet)}");
            }

            return isPiped ? UpscalePipe.Run(run, inputs[0], run.Get(_out), FormatGiven(run), models[0], settings)
                : jobs.Count == 0 ? ExitCodes.Done
                : RunBatch(run, jobs, models[0], settings);
        }
        finally
        {
            models.ForEach(model => model.Dispose());
        }
    }

    private static bool IsFolder(string path) =>
        Directory.Exists(path) || path.EndsWith(Path.DirectorySeparatorChar) || path.EndsWith(Path.AltDirectorySeparatorChar);

    private static string Standard(Invocation run)
    {
        if (UpscalingModels.Shipped.Count == 0)
        {
            run.Say($"note: no --model is named, and no network came with this copy of Subband: {UpscalingModels.Standard} interpolation is taken");
        }

        return UpscalingModels.Standard;
    }

    private void CheckOptions(Invocation run, string[] inputs)
    {
        bool isSheet = run.IsGiven(_sheet);
        string? wrong =
            !run.IsGiven(_out) && !isSheet ? "Say where to write: --out FILE, --out FOLDER/ or --out -."
            : run.IsGiven(_scale) && (run.IsGiven(_width) || run.IsGiven(_height)) ? "--scale and --width or --height say the same thing twice; leave out one."
            : run.Get(_scale) is < 1 or > UpscaleSize.LargestScale ? $"--scale takes a number from 1 to {UpscaleSize.LargestScale}, not {run.Get(_scale)}."
            : !isSheet && run.IsGiven(_models) && run.Get(_models).Length > 1 ? "--model may be given several times only for a --sheet."
            : run.IsGiven(_reference) && !isSheet ? "--reference is shown on a sheet; give --sheet FILE.png too."
            : isSheet && (inputs.Length > 1 || inputs[0] == Stdio || Directory.Exists(inputs[0])) ? "A --sheet shows one photograph; give one file."
            : inputs.Contains(Stdio) && inputs.Length > 1 ? "- stands for standard input, and is the only photograph then."
            : inputs[0] == Stdio && IsFolder(run.Get(_out) ?? "") ? "What comes from standard input has no name; give --out FILE or --out -."
            : run.Get(_out) == Stdio && (inputs.Length > 1 || Directory.Exists(inputs[0])) ? "Standard output takes one photograph; give --out FOLDER/ for several."
            : run.Get(_out) == Stdio && run.Get(_json) ? "Standard output takes the picture or --json, not both."
            : null;
        if (wrong is not null)
        {
            throw new UsageException(wrong);
        }

        _ = FormatGiven(run);
        if (isSheet)
        {
            OutputFile.Require(run.Get(_sheet), ".png");
        }

        if (!ImageFile.IsAvailable(out string reason))
        {
            throw new SubbandException($"No photograph can be read here. {reason}");
        }
    }

    private IReadOnlyList<UpscaleJob> Jobs(Invocation run, string[] inputs)
    {
        string output = run.Get(_out);
        if (IsBatch(run, inputs))
        {
            return UpscaleJobs.IntoFolder(inputs, output, FormatGiven(run), text => run.Say($"note: {text}"));
        }

        if (run.IsGiven(_format) && PhotographFormats.OfName(output) is { } named && FormatGiven(run) != named)
        {
            throw new UsageException($"--out {output} and --format {run.Get(_format)} ask for different things; leave out --format.");
        }

        return [UpscaleJobs.IntoFile(inputs[0], output)];
    }

    private bool IsBatch(Invocation run, string[] inputs) => inputs.Length > 1 || Directory.Exists(inputs[0]) || IsFolder(run.Get(_out));

    private PhotographFormat? FormatGiven(Invocation run) => !run.IsGiven(_format) ? null
        : PhotographFormats.OfName("." + run.Get(_format).TrimStart('.')) is { } format ? format
        : throw UsageException.UnknownName("format that --format could write,", run.Get(_format), ["png", "jpg", "webp", "tif"]);

    private UpscaleSettings Settings(Invocation run, List<UpscalingModel> models)
    {
        bool hasSize = run.IsGiven(_scale) || run.IsGiven(_width) || run.IsGiven(_height);
        return new UpscaleSettings
        {
            Size = new UpscaleSize
            {
                Scale = hasSize ? run.Get(_scale) : models.Max(model => model.StandardScale),
                Width = (int?)run.Get(_width),
                Height = (int?)run.Get(_height),
            },
            Quality = (int)(run.Get(_quality) ?? UpscaleSettings.StandardQuality),
            Strip = run.Get(_strip),
            Consistent = run.Get(_consistent),
            SelfEnsemble = run.Get(_selfEnsemble),
            TileSide = (int?)run.Get(_tile),
            MaximumPixels = (long)((run.Get(_maximum) ?? (ImageFile.DefaultMaximumPixels / 1e6)) * 1e6),
        };
    }

    private int RunBatch(Invocation run, IReadOnlyList<UpscaleJob> jobs, UpscalingModel model, UpscaleSettings settings)
    {
        UpscaleReport report = new(run, run.Get(_json));
        string? folder = IsBatch(run, run.Get(_inputs)) ? run.Get(_out) : null;
        IReadOnlyList<UpscaleOutcome> outcomes = ProgressDisplay.Run(run, show => new UpscaleBatch(model, settings)
        {
            Progress = progress => show(UpscaleReport.Describe(progress)),
            Finished = report.Tell,
        }.Run(jobs, folder, run.Cancellation));
        report.Close(outcomes);
        return outcomes.Any(outcome => outcome.Status == UpscaleStatus.Failed) ? ExitCodes.Failed : ExitCodes.Done;
    }
}
