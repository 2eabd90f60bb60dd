namespace Subband.Upscaling;

/// <summary>One photograph of a batch, and where its result goes.</summary>
/// <param name="Input">The original's path.</param>
/// <param name="Output">The result's path.</param>
/// <param name="Format">What is written.</param>
public sealed record UpscaleJob(string Input, string Output, PhotographFormat Format);

/// <summary>What became of one photograph of a batch.</summary>
public enum UpscaleStatus
{
    /// <summary>The result was made.</summary>
    Done,

    /// <summary>The very result was there already.</summary>
    Skipped,

    /// <summary>There is no result; the error says why.</summary>
    Failed,
}

/// <summary>What became of one photograph of a batch.</summary>
/// <param name="Job">The photograph.</param>
/// <param name="Status">In a word.</param>
/// <param name="Result">The result, where it was made now.</param>
/// <param name="Error">What went wrong, where it failed.</param>
/// <param name="Seconds">How long it took.</param>
public sealed record UpscaleOutcome(UpscaleJob Job, UpscaleStatus Status, UpscaledFile? Result, string? Error, double Seconds);

/// <summary>How far a batch is.</summary>
/// <param name="Input">The photograph at work.</param>
/// <param name="Finished">How many are finished, whatever became of them.</param>
/// <param name="Count">How many there are.</param>
/// <param name="DoneBytes">How much of the originals is through, the one at work in part.</param>
/// <param name="TotalBytes">How much there is.</param>
/// <param name="MegapixelsPerSecond">New pixels a second, of those that were made; 0 before any is.</param>
/// <param name="SecondsLeft">How long it will take at this rate; null before anybody knows.</param>
public readonly record struct UpscaleProgress(
    string Input, int Finished, int Count, double DoneBytes, long TotalBytes, double MegapixelsPerSecond, double? SecondsLeft);
