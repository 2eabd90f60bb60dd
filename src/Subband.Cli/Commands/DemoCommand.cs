using System.CommandLine;
using System.Diagnostics;
using Subband.Cli.Common;
using Subband.Cli.Demo;
using Subband.Imaging;
using Subband.Models;
using Subband.Torch;
using Subband.Training;
using Subband.Upscaling;

namespace Subband.Cli.Commands;

/// <summary>
/// <c>subband demo</c>: pictures from the shipped model, a small pyramid trained while one waits, and a page that shows and
/// explains both.
/// </summary>
internal sealed class DemoCommand : Verb
{
    private const string StandardFolder = "subband-demo";
    private const string Leaves = "synthetic:leaves#size=32,take=0..20000";
    private const long StandardSeconds = 180;

    private readonly Option<string> _out = CommonOptions.Out(
        $"The folder of the page (default: {StandardFolder}); what an earlier demo left there is replaced, but not its runs",
        "DIR",
        required: false);

    private readonly Option<string> _data = new("--data")
    {
        Description = "Your own images to train on: a folder, tar, zip, pack or name (default: dead leaves, drawn by Subband)",
        HelpName = "SOURCE",
    };

    private readonly Option<long?> _seconds = CommonOptions.WholeNumber(
        "--seconds", $"How long to train (default: {StandardSeconds})", 1, 36_000);

    private readonly Option<DeviceChoice> _device = CommonOptions.Device();
    private readonly Option<PrecisionChoice> _precision = CommonOptions.Precision();
    private readonly Option<int?> _threads = CommonOptions.Threads();

    public DemoCommand()
        : base("demo", "Show images made coarse to fine: a shipped model, one trained while you wait, and a page to look at")
    {
        foreach (Option option in (Option[])[_out, _data, _seconds, _device, _precision, _threads])
        {
            Add(option);
        }
    }

    protected override int Run(Invocation run)
    {
        Stopwatch clock = Stopwatch.StartNew();
        string folder = Path.GetFullPath(run.IsGiven(_out) ? run.Get(_out) : StandardFolder);
        Check(folder);
        using LoadedModel? shipped = ModelStore.Shipped.Contains(LiveTraining.Preset)
            ? ModelArguments.Open(run, LiveTraining.Preset, run.Get(_device), run.Get(_threads))
            : null;
        using TrainingJob job = TrainingJob.Prepare(Request(run, folder), spec => DataArguments.Open(run, spec, "train"));
        ComputeNote.Tell(run, job.Config.Device);
        DemoStory story = new(folder, run.IsGiven(_data) ? "your images" : "dead leaves");
        if (shipped is null)
        {
            run.Say($"The model {LiveTraining.Preset} did not come with this copy of Subband; the demo trains its own and shows that alone.");
        }
        else
        {
            run.Say($"Drawing with the shipped model {LiveTraining.Preset} ...");
        }

        story.TellOfShipped(shipped);
        TellOfEnlargement(run, story);
        run.Cancellation.ThrowIfCancellationRequested();
        TimeSpan budget = TimeSpan.FromSeconds(run.Get(_seconds) ?? StandardSeconds);
        run.Say($"Training a small pyramid on {job.Source.Name} for {Texts.Duration(budget.TotalSeconds)}, on {Place(job.Config)} ...");
        LiveRun live = LiveTraining.Run(run, job, budget);
        run.Say($"Trained on {Texts.Number(live.Images)} images in {Texts.Duration(live.Seconds)}; drawing ...");
        story.TellOfLive(live, job.Source);
        string page = story.Finish(clock.Elapsed);
        run.Out.WriteLine($"{page}: open it in a browser.");
        return ExitCodes.Done;
    }

    private void TellOfEnlargement(Invocation run, DemoStory story)
    {
        List<UpscalingModel> models = [];
        try
        {
            foreach (string name in UpscalingModels.Shipped)
            {
                models.Add(ModelArguments.OpenUpscaler(
                    run, name, run.Get(_device), UpscalingPrecisionChoice.Auto, run.Get(_threads), selfEnsemble: false));
            }

            story.TellOfEnlargement([.. models.Where(model => model.Scales.Contains(DemoPictures.Enlargement))], run.Cancellation);
        }
        finally
        {
            models.ForEach(model => model.Dispose());
        }
    }

    private static void Check(string folder)
    {
        OutputFolder.Require(folder, "--out");
        DemoPage.RequireOurs(folder);
        if (!ImageFile.IsAvailable(out string reason))
        {
            throw new SubbandException($"The demo is made of pictures, and none can be written here. {reason}");
        }
    }

    private TrainingRequest Request(Invocation run, string folder) => new()
    {
        Out = NewRun(folder),
        Preset = LiveTraining.Preset,
        Data = run.IsGiven(_data) ? run.Get(_data) : Leaves,
        Device = run.Get(_device).Wanted(),
        Precision = run.Get(_precision).Wanted(),
        Threads = run.Get(_threads),
        Settings = LiveTraining.Settings,
    };

    // Runs are never overwritten: the second is live-2.
    private static string NewRun(string folder)
    {
        string first = Path.Combine(folder, "runs", "live");
        return Enumerable.Range(1, int.MaxValue).Select(i => i == 1 ? first : FormattableString.Invariant($"{first}-{i}"))
            .First(path => !Path.Exists(path));
    }

    private static string Place(RunConfig config) =>
        $"{config.Device} with {Texts.Count(config.Threads, "thread")} in {(config.Precision == Precision.Bf16 ? "bf16" : "fp32")}";
}
