using System.CommandLine;
using Subband.Data;

namespace Subband.Cli.Common;

/// <summary>Opens what stands behind <c>--data</c> and its kin.</summary>
internal static class DataArguments
{
    /// <summary>The argument <c>SOURCE</c> of the verbs that are about data only.</summary>
    public static Argument<string> Source() => new("SOURCE")
    {
        Description = "Images: a folder, tar, zip, pack, CIFAR-10 or STL-10 files, or a name such as cifar10",
    };

    /// <summary>Opens a source of images; downloads are shown, and what is refused is said once, as it is met.</summary>
    /// <param name="run">The call.</param>
    /// <param name="spec">What was typed.</param>
    /// <param name="defaultSplit">The split to take where none is named; null for all.</param>
    /// <param name="sayRefused">Whether refused files are told on standard error; not where a report lists them.</param>
    public static IImageSource Open(Invocation run, string spec, string? defaultSplit, bool sayRefused = true) =>
        ProgressDisplay.Run(run, show => ImageSources.Open(spec, new ImageSourceOptions
        {
            DefaultSplit = defaultSplit,
            Progress = progress => show(progress.ToWork()),
            OnRefused = sayRefused ? item => SayRefused(run, item) : null,
            CancellationToken = run.Cancellation,
        }));

    /// <summary>The same news for the progress display.</summary>
    public static WorkDone ToWork(this DataProgress progress) =>
        new(progress.Activity, progress.Done, progress.Total, progress.InBytes ? WorkDone.Bytes : "images");

    private static void SayRefused(Invocation run, RefusedItem item) =>
        run.Say($"subband: refused {item.Name}: {item.Reason}");
}
