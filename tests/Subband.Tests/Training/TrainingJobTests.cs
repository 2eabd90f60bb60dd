using Subband.Data;
using Subband.Imaging;
using Subband.Models.Lapgan;
using Subband.Torch;
using Subband.Training;

namespace Subband.Tests.Training;

public sealed class TrainingJobTests : IDisposable
{
    private readonly TemporaryFolder _folder = new(inMemory: true);

    public void Dispose() => _folder.Dispose();

    private TrainingRequest Tiny => TinyLapgan.In(_folder["run"]);

    [Fact]
    public void What_is_not_asked_for_is_resolved_and_nothing_written()
    {
        using TrainingJob job = TrainingJob.Prepare(Tiny with { Threads = null, Precision = null });
        Assert.Equal(_folder["run"], job.Path);
        Assert.Equal(1UL, job.Config.Seed);
        Assert.Equal("synthetic:leaves#size=16,seed=1", job.Config.Data.Source);
        Assert.Equal(ComputeChoice.Threads(null), job.Config.Threads);
        Assert.Equal(ComputeChoice.Precision(job.Config.Device), job.Config.Precision);
        Assert.Equal(0.032, job.Config.Settings.Training.Kimg);
        Assert.Null(job.Resumed);
        Assert.False(Path.Exists(job.Path));
    }

    [Fact]
    public void A_job_trains_and_another_goes_on_with_its_run()
    {
        List<TrainingEvent> events = [];
        using (TrainingJob job = TrainingJob.Prepare(Tiny with { Level = 1 }))
        {
            job.Run(events.Add, TestContext.Current.CancellationToken);
        }

        Assert.Equal(32, Assert.IsType<TrainingFinished>(events[^1]).Images);
        using TrainingJob next = TrainingJob.Prepare(new TrainingRequest { Out = _folder["run"], Resume = true, Kimg = 0.064, Threads = 2 });
        Assert.Equal([1], ((LapganSettings)next.Config.Settings).TrainLevels);
        Assert.Equal(["training.kimg", "threads", "everything else"], next.Resumed!.Lines.Select(line => line.Name));
        events.Clear();
        next.Run(events.Add, TestContext.Current.CancellationToken);
        Assert.Equal(
            $"The run goes on from {_folder["run/checkpoints/000000k032"]} with threads 2 instead of 1. "
            + "The last bits of sums differ, so that it will not end bit by bit as it would have.",
            Assert.Single(events.OfType<TrainingWarning>()).Message);
        Assert.Equal(64, Assert.IsType<TrainingFinished>(events[^1]).Images);
        Assert.Contains("\"kimg\": 0.064", File.ReadAllText(Path.Combine(_folder["run"], "config.json")), StringComparison.Ordinal);
    }

    [Fact]
    public void Threads_that_no_state_was_saved_with_are_told_until_one_is()
    {
        _ = TinyLapgan.Train(Tiny);
        TrainingRequest goOn = new() { Out = _folder["run"], Resume = true };
        Assert.Single(Until<TrainingStarted>(goOn with { Kimg = 0.064, Threads = 2 }));
        Assert.Contains("\"threads\": 1", File.ReadAllText(_folder["run/config.json"]), StringComparison.Ordinal);

        Assert.Contains("threads 2 instead of 1", Warning(Until<TrainingStepped>(goOn with { Kimg = 0.064, Threads = 2 })), StringComparison.Ordinal);
        Assert.Contains("\"threads\": 2", File.ReadAllText(_folder["run/config.json"]), StringComparison.Ordinal);

        Assert.Contains("threads 2 instead of 1", Warning(Until<TrainingStepped>(goOn)), StringComparison.Ordinal);
        _ = TinyLapgan.Train(goOn);
        Assert.Empty(Until<TrainingFinished>(goOn).OfType<TrainingWarning>());

        static string Warning(List<TrainingEvent> events) => Assert.Single(events.OfType<TrainingWarning>()).Message;
    }

    [Fact]
    public void The_levels_of_a_run_stay_what_they_are()
    {
        _ = TinyLapgan.Train(Tiny with { Level = 1 });
        UsageException error = Assert.Throws<UsageException>(
            () => TrainingJob.Prepare(new TrainingRequest { Out = _folder["run"], Resume = true, Level = 0 }));
        Assert.Contains("'subband export' joins runs of different levels) of the run", error.Message, StringComparison.Ordinal);
        Assert.Contains("is 1 and cannot become 0", error.Message, StringComparison.Ordinal);
        Assert.EndsWith("begin a new run in another folder.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_refused_is_told_by_name_and_counted()
    {
        string photos = Directory.CreateDirectory(_folder["photos"]).FullName;
        ImageFile.WritePng(Path.Combine(photos, "leaf.png"), new Rgb8Image(16, 16, new byte[3 * 16 * 16]));
        byte[] png = File.ReadAllBytes(Path.Combine(photos, "leaf.png"));
        File.WriteAllBytes(Path.Combine(photos, "torn.png"), png[..(png.Length / 2)]);
        File.WriteAllText(Path.Combine(photos, "notes.txt"), "Dear friend");
        List<TrainingEvent> events = [];
        using (TrainingJob job = TrainingJob.Prepare(Tiny with { Data = photos }))
        {
            job.Run(events.Add, TestContext.Current.CancellationToken);
        }

        string[] warnings = [.. events.OfType<TrainingWarning>().Select(warning => warning.Message)];
        Assert.Equal("refused notes.txt: is a text file, not an image.", warnings[0]);
        Assert.StartsWith("refused torn.png: ", Assert.Single(warnings[1..]), StringComparison.Ordinal);
        Assert.Equal(2, events.OfType<TrainingReport>().Last().Refused);
        Assert.Contains("\"refused\":2", File.ReadAllLines(_folder["run/metrics.jsonl"])[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void What_can_be_known_without_the_images_is_refused_before_they_are_opened()
    {
        static IImageSource Open(string spec) => throw new InvalidOperationException("They were opened.");

        Refused(Tiny with { Preset = "lapgan-cifar" }, "There is no preset 'lapgan-cifar'.");
        Refused(Tiny with { Kimg = 0 }, "The setting training.kimg ");
        Refused(Tiny with { Level = 2 }, "trainLevels is 2; ");
        Refused(Tiny with { Settings = [("pyramid.sizes", "8,16")] }, "pyramid.sizes is 8,16; ");
        Refused(Tiny with { Threads = 0 }, "At least 1 thread computes, not 0.");
        Refused(Tiny with { Resume = true }, $"There is no run {_folder["run"]} to continue");
        File.WriteAllText(_folder["note.txt"], "Dear friend");
        Refused(Tiny with { Out = _folder.Path }, $"{_folder.Path} holds note.txt and is no run.");

        void Refused(TrainingRequest request, string message)
        {
            UsageException error = Assert.Throws<UsageException>(() => TrainingJob.Prepare(request, Open));
            Assert.StartsWith(message, error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_configuration_that_changed_after_the_decision_is_not_overwritten()
    {
        using (TrainingJob job = TrainingJob.Prepare(Tiny))
        {
            job.Run(stop: TestContext.Current.CancellationToken);
        }

        using TrainingJob late = TrainingJob.Prepare(new TrainingRequest { Out = _folder["run"], Resume = true });
        using (TrainingJob quick = TrainingJob.Prepare(new TrainingRequest { Out = _folder["run"], Resume = true, Kimg = 0.048 }))
        {
            quick.Run(stop: TestContext.Current.CancellationToken);
        }

        SubbandException error = Assert.Throws<SubbandException>(() => late.Run(stop: TestContext.Current.CancellationToken));
        Assert.Contains("has changed in the last moments", error.Message, StringComparison.Ordinal);
        Assert.Contains("\"kimg\": 0.048", File.ReadAllText(Path.Combine(_folder["run"], "config.json")), StringComparison.Ordinal);
    }

    [Fact]
    public void Two_beginners_cannot_both_have_a_folder()
    {
        using TrainingJob first = TrainingJob.Prepare(Tiny);
        using TrainingJob second = TrainingJob.Prepare(Tiny);
        first.Run(stop: TestContext.Current.CancellationToken);
        Assert.Throws<UsageException>(() => second.Run(stop: TestContext.Current.CancellationToken));
    }

    /// <summary>Runs a job until something happens, and saves nothing then.</summary>
    private static List<TrainingEvent> Until<T>(TrainingRequest request)
        where T : TrainingEvent
    {
        using TrainingJob job = TrainingJob.Prepare(request);
        List<TrainingEvent> events = [];
        _ = Assert.Throws<OperationCanceledException>(() => job.Run(
            what =>
            {
                events.Add(what);
                if (what is T)
                {
                    throw new OperationCanceledException();
                }
            },
            TestContext.Current.CancellationToken));
        return events;
    }
}
