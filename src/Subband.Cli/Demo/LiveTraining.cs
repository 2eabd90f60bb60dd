using System.Diagnostics;
using System.Globalization;
using Subband.Cli.Common;
using Subband.Training;

namespace Subband.Cli.Demo;

/// <summary>What was trained while somebody waited.</summary>
/// <param name="Folder">The run's folder.</param>
/// <param name="Config">Its configuration.</param>
/// <param name="Images">Images shown.</param>
/// <param name="Seconds">How long it took.</param>
/// <param name="Rate">Images a second.</param>
/// <param name="Model">The weights of its last checkpoint.</param>
/// <param name="Sheets">The sample sheets that it left, in order, with the thousands of images shown before each.</param>
internal sealed record LiveRun(
    string Folder,
    RunConfig Config,
    long Images,
    double Seconds,
    double Rate,
    string Model,
    IReadOnlyList<(double Kimg, string Path)> Sheets);

/// <summary>Trains a small pyramid for a fixed time, by the same way as <c>subband train</c>.</summary>
internal static class LiveTraining
{
    /// <summary>The preset of which the pyramid is a small relative.</summary>
    public const string Preset = "lapgan-cifar10";

    /// <summary>
    /// What makes it small and quick: narrow networks, no classes, and small batches, since in a few minutes many small steps
    /// teach more than a few large ones.
    /// </summary>
    public static IReadOnlyList<(string Name, string Value)> Settings { get; } =
    [
        ("conditional", "false"),
        ("base.architecture", "fullyConnected"), // finds colours within a minute, where the convolutional one takes many
        ("base.activation", "relu"),
        ("base.generatorWidths", "512,512"),
        ("base.discriminatorWidths", "256,256"),
        ("base.generatorDeviation", "0"),
        ("base.discriminatorDeviation", "0"),
        ("base.dropout", "0"),
        ("band.generatorWidths", "16,24"),
        ("band.discriminatorWidths", "16,24"),
        ("band.noisePlanes", "2"),
        ("optimizer.generatorRate", "0.0005"),
        ("optimizer.discriminatorRate", "0.0005"),
        ("optimizer.averageKimg", "1"),
        ("training.batchSize", "16"),
        ("training.kimg", "400"),
        ("training.checkpointKimg", "400"),
        ("training.sampleKimg", "2"),
        ("training.reportKimg", "0.5"),
    ];

    /// <summary>Trains until the time is over, saves, and shows how far it is.</summary>
    /// <param name="run">The call.</param>
    /// <param name="job">What to train; it stands at its beginning.</param>
    /// <param name="budget">How long to train. A machine so fast that it is through before ends earlier.</param>
    /// <exception cref="OperationCanceledException">Somebody asked to stop; the state is saved.</exception>
    public static LiveRun Run(Invocation run, TrainingJob job, TimeSpan budget)
    {
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(run.Cancellation);
        Stopwatch clock = new();
        List<(double Kimg, string Path)> sheets = [];
        string? checkpoint = null;
        long images = 0;
        long untimed = 0;

        void See(TrainingEvent what, Action<WorkDone> show)
        {
            switch (what)
            {
                case TrainingStepped stepped when !clock.IsRunning:
                    // Not before the first step, so that there is one, and something to save and to show.
                    images = untimed = stepped.Images;
                    clock.Start();
                    stop.CancelAfter(budget);
                    break;
                case TrainingStepped stepped:
                    images = stepped.Images;
                    show(Progress(clock.Elapsed, budget, images, Rate()));
                    break;
                case SampleWritten sample:
                    sheets.Add((sample.Kimg, sample.Path));
                    break;
                case CheckpointSaved saved:
                    checkpoint = saved.Path;
                    break;
                case TrainingWarning warning:
                    run.Say($"note: {warning.Message}");
                    break;
            }
        }

        double Rate() => (images - untimed) / Math.Max(clock.Elapsed.TotalSeconds, 1e-9);

        _ = ProgressDisplay.Run(run, show =>
        {
            try
            {
                job.Run(what => See(what, show), stop.Token);
            }
            catch (OperationCanceledException) when (!run.Cancellation.IsCancellationRequested)
            {
                // The time is over: what has been learnt is saved.
            }

            return true;
        });
        return new LiveRun(
            job.Path, job.Config, images, clock.Elapsed.TotalSeconds, Rate(), Checkpoint.Open(checkpoint!).ModelPath, sheets);
    }

    private static WorkDone Progress(TimeSpan elapsed, TimeSpan budget, long images, double rate)
    {
        double left = Math.Max(0, (budget - elapsed).TotalSeconds);
        string note = string.Create(
            CultureInfo.InvariantCulture, $"{images:#,0} images, {rate:0} images/s, {Texts.Duration(Math.Round(left))} left");
        return new WorkDone("Training", Math.Round(Math.Min(elapsed.TotalSeconds, budget.TotalSeconds)), budget.TotalSeconds, "seconds", note);
    }
}
