namespace Subband.Evaluation;

/// <summary>How a trained model is measured.</summary>
public sealed record EvaluationOptions
{
    /// <summary>How many images the model makes.</summary>
    public int Samples { get; init; } = 10_000;

    /// <summary>Where the model's random numbers start.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>How many threads read images.</summary>
    public int DataThreads { get; init; } = 1;

    /// <summary>Called now and then on the thread that measures; null for nobody.</summary>
    public Action<EvaluationProgress>? Progress { get; init; }

    /// <summary>Stops it.</summary>
    public CancellationToken Stop { get; init; }

    internal void Tell(string activity, double done, double total) =>
        Progress?.Invoke(new EvaluationProgress(activity, done, total));
}

/// <summary>How far a measurement has come.</summary>
/// <param name="Activity">What is being done, such as <c>Making samples</c>.</param>
/// <param name="Done">How much of it is done.</param>
/// <param name="Total">How much there is.</param>
public readonly record struct EvaluationProgress(string Activity, double Done, double Total);
