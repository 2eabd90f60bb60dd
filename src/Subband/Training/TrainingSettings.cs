using Subband.Data;

namespace Subband.Training;

/// <summary>The settings that every model's training has: <c>training.*</c>.</summary>
public sealed record TrainingSettings
{
    /// <summary>Images in one step.</summary>
    [Setting("images in one step", Minimum = 1)]
    public int BatchSize { get; init; } = 128;

    /// <summary>When to stop, in thousands of images.</summary>
    [Setting("when to stop, in thousands of images shown", Minimum = 0.001, ChangeableOnResume = true)]
    public double Kimg { get; init; } = 1000;

    /// <summary>Between checkpoints, in thousands of images.</summary>
    [Setting("between checkpoints, in thousands of images", Minimum = 0.001, ChangeableOnResume = true)]
    public double CheckpointKimg { get; init; } = 50;

    /// <summary>How many checkpoints are kept; the oldest beyond are removed after a new one is complete.</summary>
    [Setting("how many checkpoints are kept", Minimum = 1, ChangeableOnResume = true)]
    public int KeepCheckpoints { get; init; } = 3;

    /// <summary>Between sample sheets, in thousands of images.</summary>
    [Setting("between sample sheets, in thousands of images", Minimum = 0.001, ChangeableOnResume = true)]
    public double SampleKimg { get; init; } = 50;

    /// <summary>Between lines of <c>metrics.jsonl</c>, in thousands of images.</summary>
    [Setting("between reports, in thousands of images", Minimum = 0.001, ChangeableOnResume = true)]
    public double ReportKimg { get; init; } = 5;

    /// <summary>Threads that prepare batches in the background.</summary>
    [Setting("threads that prepare batches", Minimum = 1, Maximum = 64, ChangeableOnResume = true)]
    public int DataThreads { get; init; } = 1;

    /// <summary>How much memory may hold prepared images, in MiB, so that they are read and prepared once and not whenever they are shown.</summary>
    [Setting("MiB of memory that prepared images may take, so that each is prepared once only", Minimum = 0, Maximum = 1 << 20, ChangeableOnResume = true)]
    public int CacheMib { get; init; } = 1024;

    /// <summary>The order in which images are shown.</summary>
    [Setting("the order in which images are shown")]
    public BatchOrder Order { get; init; } = BatchOrder.ShuffledEpochs;

    /// <summary>Whether images are mirrored left to right with probability one half.</summary>
    [Setting("whether images are mirrored at random")]
    public bool Flip { get; init; } = true;
}
