using Subband.Data;

namespace Subband.Training;

/// <summary>Something that happened in a training, for whoever shows it: a progress bar, lines of a log, JSON.</summary>
public abstract record TrainingEvent;

/// <summary>The training begins or goes on, or finds that there is no step left to take; nothing is computed yet.</summary>
/// <param name="Run">The folder of the run.</param>
/// <param name="Images">Images shown before; 0 for a new run.</param>
/// <param name="TargetImages">How many will have been shown at the end.</param>
/// <param name="Checkpoint">The checkpoint that it goes on from; null for a new run, or one that was stopped before its first.</param>
public sealed record TrainingStarted(string Run, long Images, long TargetImages, string? Checkpoint) : TrainingEvent;

/// <summary>Before the first step of a model that wants them, mean and deviation of the images are measured.</summary>
/// <param name="Images">Images looked at so far.</param>
/// <param name="Total">Of how many.</param>
public sealed record ImagesMeasured(long Images, long Total) : TrainingEvent;

/// <summary>A step was taken.</summary>
/// <param name="Images">Images shown so far.</param>
/// <param name="TargetImages">How many will have been shown at the end.</param>
/// <param name="ImagesPerSecond">Since this process began to train, saving and sampling included.</param>
/// <param name="Seconds">Seconds of training since the run began.</param>
public sealed record TrainingStepped(long Images, long TargetImages, double ImagesPerSecond, double Seconds) : TrainingEvent
{
    /// <summary>The time that the rest will take at this rate.</summary>
    public TimeSpan Remaining => TimeSpan.FromSeconds(Math.Max(0, TargetImages - Images) / Math.Max(ImagesPerSecond, 1e-9));
}

/// <summary>A line of <c>metrics.jsonl</c>.</summary>
/// <param name="Step">Steps taken since the run began.</param>
/// <param name="Kimg">Thousands of images shown.</param>
/// <param name="Measures">The mean of each loss and other measure since the last report.</param>
/// <param name="ImagesPerSecond">Since the last report, without the time for saving and sampling.</param>
/// <param name="DataWaitShare">The part of that time that was spent waiting for images, from 0 to 1.</param>
/// <param name="Refused">Files and images of the data that are not used so far: the length of <see cref="IImageSource.Refused"/>.</param>
/// <param name="PeakTensorBytes">The most main memory that tensors have used at once in this process.</param>
/// <param name="ProcessBytes">The main memory that the process uses now.</param>
/// <param name="Seconds">Seconds of training since the run began.</param>
/// <param name="RemainingSeconds">Seconds that the rest will take.</param>
public sealed record TrainingReport(
    long Step,
    double Kimg,
    IReadOnlyList<(string Name, double Value)> Measures,
    double ImagesPerSecond,
    double DataWaitShare,
    int Refused,
    long PeakTensorBytes,
    long ProcessBytes,
    double Seconds,
    double RemainingSeconds) : TrainingEvent
{
    /// <summary>Seconds for a thousand images at this rate.</summary>
    public double SecondsPerKimg => 1000 / Math.Max(ImagesPerSecond, 1e-9);
}

/// <summary>The model was measured on images that it is not trained on: a line of <c>metrics.jsonl</c> of its own.</summary>
/// <param name="Step">Steps taken since the run began.</param>
/// <param name="Kimg">Thousands of images shown.</param>
/// <param name="Measures">What was found.</param>
/// <param name="Seconds">How long it took.</param>
public sealed record ModelValidated(long Step, double Kimg, IReadOnlyList<(string Name, double Value)> Measures, double Seconds) : TrainingEvent;

/// <summary>A sheet of samples was written.</summary>
/// <param name="Path">The picture.</param>
/// <param name="Kimg">Thousands of images shown.</param>
public sealed record SampleWritten(string Path, double Kimg) : TrainingEvent;

/// <summary>A checkpoint is complete on the disk.</summary>
/// <param name="Path">Its folder.</param>
/// <param name="Kimg">Thousands of images shown.</param>
/// <param name="Seconds">How long the saving took: what a process needs between being asked to stop and its end.</param>
public sealed record CheckpointSaved(string Path, double Kimg, double Seconds) : TrainingEvent;

/// <summary>Something that a person should know, in whole sentences; the training goes on.</summary>
/// <param name="Message">What, and what it means.</param>
public sealed record TrainingWarning(string Message) : TrainingEvent;

/// <summary>The target is reached and saved.</summary>
/// <param name="Images">Images shown.</param>
/// <param name="Seconds">Seconds of training since the run began.</param>
public sealed record TrainingFinished(long Images, double Seconds) : TrainingEvent;
