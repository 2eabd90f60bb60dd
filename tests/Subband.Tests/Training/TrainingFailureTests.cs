using Subband.Torch;
using Subband.Training;
using Subband.TrainingHost;

namespace Subband.Tests.Training;

/// <summary>What stops a training for good, and what it leaves.</summary>
public sealed class TrainingFailureTests : IDisposable
{
    private readonly TemporaryFolder _folder = new(inMemory: true);

    public void Dispose()
    {
        FaultPoint.Hook = null;
        _folder.Dispose();
    }

    [Fact]
    public void A_write_that_fails_at_any_place_stops_the_run_and_the_next_ends_with_the_same_bytes()
    {
        _ = TinyRun.Train(_folder["whole"]);
        for (int countdown = 1; ; countdown++)
        {
            string path = _folder[$"fault{countdown}"];
            int left = countdown;
            string? at = null;
            FaultPoint.Hook = place =>
            {
                if (--left == 0)
                {
                    at = place;
                    throw new IOException("injected", 28);
                }
            };
            Exception? error = Record.Exception(() => TinyRun.Train(path));
            FaultPoint.Hook = null;
            if (at is null)
            {
                Assert.Null(error);
                Assert.True(countdown > 80, $"{countdown} places");
                return;
            }

            string message = Assert.IsType<SubbandException>(error).Message;
            Assert.Contains("because the disk is full (", message);
            Assert.Contains(path, message);
            _ = TinyRun.Train(path);
            TinyRun.AssertSameEnd(_folder["whole"], path);
            Directory.Delete(path, recursive: true);
        }
    }

    [Fact]
    public void A_failed_save_names_what_is_left()
    {
        int saves = 0;
        FaultPoint.Hook = place =>
        {
            if (place == "folder.rename" && ++saves == 2)
            {
                throw new IOException("injected", 28);
            }
        };
        SubbandException error = Assert.Throws<SubbandException>(() => TinyRun.Train(_folder["a"]));
        Assert.StartsWith("Training stopped at 0.096 kimg, because it could not be saved. Cannot write ", error.Message);
        Assert.Contains($"The last good checkpoint is {_folder["a/checkpoints/000000k048"]}.", error.Message);
        Assert.EndsWith("continue with --resume.", error.Message);
    }

    [Fact]
    public void Nan_stops_the_run_and_names_the_loss_and_the_first_tensor_and_keeps_the_checkpoint()
    {
        TinySettings settings = TinyRun.Short with { NanAtStep = 3 };
        SubbandException error = Assert.Throws<SubbandException>(() => TinyRun.Train(_folder["a"], settings));
        Assert.Equal(
            "Training stopped at 0.072 kimg: tiny.loss is NaN, and the weight 4.bias is the first tensor that is not finite. "
            + $"The last good checkpoint is {_folder["a/checkpoints/000000k048"]}. "
            + "Continue from there with --resume and a lower learning rate.",
            error.Message);
        Assert.Equal(["000000k048"], Names("a/checkpoints"));
        Assert.Equal(2, File.ReadAllLines(_folder["a/metrics.jsonl"]).Length);

        _ = TinyRun.Train(_folder["a"], settings with { NanAtStep = 0 });
        _ = TinyRun.Train(_folder["b"]);
        TinyRun.AssertSameEnd(_folder["b"], _folder["a"]);
    }

    [Fact]
    public void A_state_with_infinity_is_not_saved_even_if_all_losses_are_finite()
    {
        SubbandException error = Assert.Throws<SubbandException>(() => TinyRun.Train(_folder["a"], TinyRun.Short with { BreakAtStep = 4 }));
        Assert.StartsWith("Training stopped at 0.096 kimg: the optimiser's 4.bias.exp_avg_sq is not finite.", error.Message);
        Assert.Equal(["000000k048"], Names("a/checkpoints"));
    }

    [Fact]
    public void Images_that_cannot_be_reached_stop_the_run_after_a_save()
    {
        TinySettings settings = TinyFamily.Settings with { Training = TinyRun.Short.Training with { BatchSize = 4, CheckpointKimg = 100 } };
        TinySource broken = new();
        SubbandException error = Assert.Throws<SubbandException>(() => TinyRun.Train(
            _folder["a"],
            settings,
            what => broken.Unreachable = what is TrainingStepped ? 20 : broken.Unreachable,
            broken));
        Assert.Contains("Cannot read image 20: the disk has gone.", error.Message);
        Assert.InRange(Checkpoint.Open(TinyRun.Newest(_folder["a"])).State.Step, 4, 9);
        _ = TinyRun.Train(_folder["a"]);
        _ = TinyRun.Train(_folder["b"], settings);
        TinyRun.AssertSameEnd(_folder["b"], _folder["a"]);
    }

    [Fact]
    public void Images_and_disk_that_go_away_together_are_both_named()
    {
        TinySettings settings = TinyFamily.Settings with { Training = TinyRun.Short.Training with { BatchSize = 4, CheckpointKimg = 100 } };
        TinySource broken = new();
        FaultPoint.Hook = place =>
        {
            if (place == "folder.create")
            {
                throw new IOException("injected", 28);
            }
        };
        SubbandException error = Assert.Throws<SubbandException>(() => TinyRun.Train(
            _folder["a"],
            settings,
            what => broken.Unreachable = what is TrainingStepped ? 20 : broken.Unreachable,
            broken));
        Assert.StartsWith("Cannot read image 20: the disk has gone. Training stopped at 0.0", error.Message);
        Assert.Contains("because it could not be saved. Cannot write ", error.Message);
        Assert.EndsWith("No checkpoint had been saved yet. When that is mended, continue with --resume.", error.Message);
    }

    [Fact]
    public void Images_that_changed_since_are_refused()
    {
        _ = TinyRun.Train(_folder["a"]);
        SubbandException error = Assert.Throws<SubbandException>(() => TinyRun.Train(_folder["a"], source: new TinySource(2)));
        Assert.Contains("are not those that the run", error.Message);
    }

    [Fact]
    public void A_missing_gpu_is_named_before_anything_is_done()
    {
        Assert.SkipUnless(Engine.CudaDevices == 0, "Needs a machine without CUDA.");
        using TinySource source = new();
        using RunFolder run = RunFolder.Create(_folder["a"], Program.Config(source) with { Device = Device.Cuda });
        SubbandException error = Assert.Throws<SubbandException>(() => TrainingSession.Run(
            run, new TinyFamily(), source, stop: TestContext.Current.CancellationToken));
        Assert.Contains("computes on cuda:0, but there is no CUDA device here. Give --device cpu", error.Message);
    }

    private string?[] Names(string folder) =>
        [.. Directory.GetFileSystemEntries(_folder[folder]).Select(Path.GetFileName).Order(StringComparer.Ordinal)];
}
