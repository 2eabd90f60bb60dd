using Subband.Torch;
using Subband.Torch.Serialization;
using Subband.Training;
using Subband.TrainingHost;

namespace Subband.Tests.Training;

public sealed class TrainingSessionTests : IDisposable
{
    private readonly TemporaryFolder _folder = new(inMemory: true);

    public void Dispose()
    {
        FaultPoint.Hook = null;
        _folder.Dispose();
    }

    [Fact]
    public void A_training_tells_what_happens_in_order()
    {
        List<TrainingEvent> events = TinyRun.Train(_folder["a"]);
        Assert.Equal(
            [
                "TrainingStarted", "SampleWritten",
                "ImagesMeasured", "ImagesMeasured", "ImagesMeasured",
                "TrainingReport", "TrainingStepped",
                "TrainingReport", "SampleWritten", "CheckpointSaved", "TrainingStepped",
                "TrainingReport", "TrainingStepped",
                "TrainingReport", "SampleWritten", "CheckpointSaved", "TrainingStepped",
                "TrainingFinished",
            ],
            events.Select(what => what.GetType().Name));
        Assert.Equal(new TrainingStarted(_folder["a"], 0, 96, null), events[0]);
        Assert.Equal([0, 24, 37], events.OfType<ImagesMeasured>().Select(what => what.Images));
        TrainingReport last = events.OfType<TrainingReport>().Last();
        Assert.Equal((4, 0.096), (last.Step, last.Kimg));
        Assert.Equal(["tiny.loss", "tiny.output"], last.Measures.Select(measure => measure.Name));
        Assert.True(last.ImagesPerSecond > 0 && last.PeakTensorBytes > 0 && last.ProcessBytes > last.PeakTensorBytes);
        Assert.Equal(_folder["a/checkpoints/000000k096"], events.OfType<CheckpointSaved>().Last().Path);
        Assert.Equal(96, Assert.IsType<TrainingFinished>(events[^1]).Images);
        Assert.Equal(["000000k.png", "000000k048.png", "000000k096.png"], Names("a/samples"));
        Assert.Equal(["000000k096"], Names("a/checkpoints"));
        Assert.Equal(4, File.ReadAllLines(_folder["a/metrics.jsonl"]).Length);
    }

    [Fact]
    public void Training_changes_the_weights_and_lowers_the_loss()
    {
        List<TrainingEvent> events = TinyRun.Train(_folder["a"], TinyFamily.Settings);
        double[] losses = [.. events.OfType<TrainingReport>().Select(report => report.Measures[0].Value)];
        Assert.Equal(8, losses.Length);
        Assert.True(losses[^1] < 0.6 * losses[0], string.Join(' ', losses));
    }

    [Fact]
    public void A_run_stopped_after_any_step_ends_with_the_bytes_of_one_that_was_not()
    {
        _ = TinyRun.Train(_folder["whole"]);
        for (int steps = 1; steps <= 4; steps++)
        {
            string path = _folder[$"stopped{steps}"];
            using CancellationTokenSource stop = new();
            int left = steps;
            Exception? stopped = Record.Exception(() => TinyRun.Train(
                path,
                tell: what =>
                {
                    if (what is TrainingStepped && --left == 0)
                    {
                        stop.Cancel();
                    }
                },
                stop: stop));
            Assert.Equal(steps < 4, stopped is OperationCanceledException);
            Assert.Equal(steps, Checkpoint.Open(TinyRun.Newest(path)).State.Step);
            List<TrainingEvent> rest = TinyRun.Train(path);
            Assert.Equal(4 - steps, rest.OfType<TrainingStepped>().Count());
            TinyRun.AssertSameEnd(_folder["whole"], path);
        }
    }

    [Fact]
    public void A_stop_before_the_first_step_saves_nothing_and_loses_nothing()
    {
        using CancellationTokenSource stop = new();
        _ = Assert.ThrowsAny<OperationCanceledException>(() => TinyRun.Train(
            _folder["a"],
            tell: what =>
            {
                if (what is TrainingStarted)
                {
                    stop.Cancel();
                }
            },
            stop: stop));
        _ = TinyRun.Train(_folder["b"]);
        TrainingWarning warning = Assert.Single(TinyRun.Train(_folder["a"]).OfType<TrainingWarning>());
        Assert.Equal($"There is no checkpoint in {_folder["a/checkpoints"]} yet: the run begins with its first step.", warning.Message);
        TinyRun.AssertSameEnd(_folder["b"], _folder["a"]);
    }

    [Fact]
    public void A_run_without_its_checkpoints_begins_anew_says_so_and_keeps_the_reports()
    {
        _ = TinyRun.Train(_folder["a"]);
        string former = File.ReadAllText(_folder["a/metrics.jsonl"]);
        Directory.Delete(_folder["a/checkpoints"], recursive: true);
        TrainingWarning warning = Assert.Single(TinyRun.Train(_folder["a"]).OfType<TrainingWarning>());
        Assert.Equal(
            $"There is no checkpoint in {_folder["a/checkpoints"]}: the run begins anew. "
            + $"The reports so far (4) are now in {_folder["a/metrics.jsonl.before-1"]}.",
            warning.Message);
        Assert.Equal(former, File.ReadAllText(_folder["a/metrics.jsonl.before-1"]));
        _ = TinyRun.Train(_folder["b"]);
        TinyRun.AssertSameEnd(_folder["b"], _folder["a"]);
    }

    [Fact]
    public void A_stop_while_a_run_is_restored_tells_where_it_stands()
    {
        _ = TinyRun.Train(_folder["a"], TinyRun.Short with { Training = TinyRun.Short.Training with { Kimg = 0.048 } });
        using CancellationTokenSource stop = new();
        stop.Cancel();
        List<TrainingEvent> events = [];
        _ = Assert.ThrowsAny<OperationCanceledException>(() => TinyRun.Train(_folder["a"], TinyRun.Short, events.Add, stop: stop));
        Assert.Equal([new TrainingStarted(_folder["a"], 48, 96, _folder["a/checkpoints/000000k048"])], events);
    }

    [Fact]
    public void Logs_are_on_the_disk_before_the_checkpoint_that_counts_them()
    {
        List<string> places = [];
        FaultPoint.Hook = places.Add;
        _ = TinyRun.Train(_folder["a"]);
        FaultPoint.Hook = null;
        Assert.Equal(
            ["logs.syncFolder", "metrics.flush", "events.flush", "folder.create", "metrics.flush", "events.flush", "folder.create"],
            places.Where(place => place is "logs.syncFolder" or "metrics.flush" or "events.flush" or "folder.create"));
    }

    [Fact]
    public void Killed_at_any_place_of_any_save_a_run_ends_with_the_same_bytes()
    {
        // What the disk holds at each of these places is what a kill there would leave.
        int snapshots = 0;
        FaultPoint.Hook = _ =>
        {
            if (Directory.Exists(_folder["whole"]))
            {
                TinyRun.Copy(_folder["whole"], _folder[$"snapshot{snapshots++}"]);
            }
        };
        _ = TinyRun.Train(_folder["whole"]);
        FaultPoint.Hook = null;
        Assert.True(snapshots > 80, $"{snapshots} snapshots");
        for (int i = 0; i < snapshots; i++)
        {
            string path = _folder[$"snapshot{i}"];
            foreach (Checkpoint checkpoint in RunFolder.CheckpointsOf(path).List())
            {
                checkpoint.Verify();
            }

            _ = TinyRun.Train(path);
            TinyRun.AssertSameEnd(_folder["whole"], path);
            Assert.DoesNotContain(
                Directory.EnumerateFileSystemEntries(path, "*", SearchOption.AllDirectories), left => left.Contains(".tmp-", StringComparison.Ordinal));
            Directory.Delete(path, recursive: true);
        }
    }

    [Fact]
    public void A_sheet_that_disturbs_the_training_is_an_error_of_the_programmer()
    {
        Exception error = Assert.Throws<InvalidOperationException>(() => TinyRun.Train(_folder["a"], TinyRun.Short with { DisturbingSheet = true }));
        Assert.Contains("generator", error.Message);
    }

    [Fact]
    public void How_often_sheets_reports_and_checkpoints_are_made_does_not_change_the_training()
    {
        _ = TinyRun.Train(_folder["a"]);
        _ = TinyRun.Train(_folder["b"], TinyRun.Short with
        {
            Training = TinyRun.Short.Training with { SampleKimg = 0.024, CheckpointKimg = 10, ReportKimg = 10, DataThreads = 3 },
        });
        Assert.Equal(
            File.ReadAllBytes(_folder["a/checkpoints/000000k096/model.safetensors"]),
            File.ReadAllBytes(_folder["b/checkpoints/000000k096/model.safetensors"]));
        Assert.Equal(["000000k096"], Names("b/checkpoints"));
        Assert.Single(File.ReadAllLines(_folder["b/metrics.jsonl"]));
    }

    [Fact]
    public void Without_libvips_there_are_no_sheets_which_is_said_once()
    {
        using TinySource source = new();
        using RunFolder run = RunFolder.Create(_folder["a"], Program.Config(source));
        List<TrainingEvent> events = [];
        using (RunLog log = new(run, 0, "libvips is not installed.", events.Add))
        {
            log.AddSheet(1, 24, "000000k", () => throw new InvalidOperationException("Nothing is to be drawn."));
            log.AddSheet(2, 48, "000001k", () => throw new InvalidOperationException("Nothing is to be drawn."));
        }

        Assert.Equal(
            [new TrainingWarning("There will be no sample sheets: libvips is not installed. Training goes on without them.")], events);
        Assert.Empty(Directory.GetFiles(run.SamplesPath));
    }

    [Fact]
    public void A_finished_run_has_nothing_to_do_until_its_target_grows()
    {
        _ = TinyRun.Train(_folder["a"]);
        DateTime written = Directory.GetLastWriteTimeUtc(TinyRun.Newest(_folder["a"]));
        int files = Directory.GetFiles(_folder["a"]).Length;
        Assert.Equal(["TrainingStarted", "TrainingFinished"], TinyRun.Train(_folder["a"]).Select(what => what.GetType().Name));
        Assert.Equal(written, Directory.GetLastWriteTimeUtc(TinyRun.Newest(_folder["a"])));

        Assert.Equal(files, Directory.GetFiles(_folder["a"]).Length);

        TinySettings longer = TinyRun.Short with { Training = TinyRun.Short.Training with { Kimg = 0.144 } };
        _ = TinyRun.Train(_folder["a"], longer);
        _ = TinyRun.Train(_folder["b"], longer);
        Assert.Equal(
            File.ReadAllBytes(Path.Combine(TinyRun.Newest(_folder["b"]), "model.safetensors")),
            File.ReadAllBytes(Path.Combine(TinyRun.Newest(_folder["a"]), "model.safetensors")));
    }

    [Fact]
    public void A_checkpoint_of_other_versions_is_used_with_a_warning()
    {
        TinySettings first = TinyRun.Short with { Training = TinyRun.Short.Training with { Kimg = 0.048 } };
        _ = TinyRun.Train(_folder["a"], first);
        string state = Path.Combine(TinyRun.Newest(_folder["a"]), "state.json");
        string former = File.ReadAllText(state);
        string sums = Path.Combine(Path.GetDirectoryName(state)!, "SHA256SUMS");
        File.WriteAllText(state, former.Replace($"\"torch\": \"{Engine.TorchVersion}\"", "\"torch\": \"0.4\"", StringComparison.Ordinal));
        File.WriteAllText(sums, File.ReadAllText(sums).Replace(Hash(former), Hash(File.ReadAllText(state)), StringComparison.Ordinal));
        TrainingWarning warning = Assert.Single(TinyRun.Train(_folder["a"], TinyRun.Short).OfType<TrainingWarning>());
        Assert.Contains("with libtorch 0.4", warning.Message);

        static string Hash(string text) =>
            Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(text)));
    }

    [Fact]
    public void Bf16_trains_and_resumes_bit_by_bit_too()
    {
        using TinySource source = new();
        foreach (string name in new[] { "a", "b" })
        {
            using (RunFolder run = RunFolder.Create(_folder[name], Program.Config(source, TinyRun.Short) with { Precision = Precision.Bf16 }))
            {
                using CancellationTokenSource stop = new();
                Exception? stopped = Record.Exception(() => TrainingSession.Run(
                    run,
                    new TinyFamily(),
                    source,
                    what =>
                    {
                        if (what is TrainingStepped && name == "b")
                        {
                            stop.Cancel();
                        }
                    },
                    stop.Token));
                Assert.Equal(name == "b", stopped is OperationCanceledException);
            }

            _ = TinyRun.Train(_folder[name]);
        }

        TinyRun.AssertSameEnd(_folder["a"], _folder["b"]);
    }

    [Fact]
    public void A_checkpoint_s_weights_can_be_used_without_the_run()
    {
        _ = TinyRun.Train(_folder["a"]);
        using TensorArchive model = TensorFile.Load(Path.Combine(TinyRun.Newest(_folder["a"]), "model.safetensors"));
        Assert.Contains("average.0.weight", model.Names);
        Assert.Equal("tiny", model.Metadata["model"]);
    }

    private string?[] Names(string folder) =>
        [.. Directory.GetFileSystemEntries(_folder[folder]).Select(Path.GetFileName).Order(StringComparer.Ordinal)];
}
