using System.Globalization;
using Subband.Torch;
using Subband.Training;

namespace Subband.Experiments;

/// <summary>What all experiments can be told.</summary>
public sealed record ExperimentOptions
{
    /// <summary>The folder for runs and report; what an earlier call has trained there goes on.</summary>
    public required string Out { get; init; }

    /// <summary>Side of the images in pixels: one of <see cref="Contestant.Sizes"/>.</summary>
    public int Size { get; init; } = 64;

    /// <summary>Seconds of training for each run.</summary>
    public double Seconds { get; init; } = 600;

    /// <summary>Where random numbers begin.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Where to compute; a CUDA device where there is one unless set.</summary>
    public DeviceType? Device { get; init; }

    /// <summary>In which precision to train; bf16 where the hardware is faster in it unless set.</summary>
    public Precision? Precision { get; init; }

    /// <summary>How many threads compute; one a core unless set.</summary>
    public int? Threads { get; init; }

    /// <summary>Changes of the presets of both.</summary>
    public IReadOnlyList<(string Name, string Value)> Settings { get; init; } = [];

    /// <summary>Is told what is done, how much of it, and of how much; null for nobody.</summary>
    public Action<ExperimentProgress>? Progress { get; init; }

    /// <summary>Tells how far a training is.</summary>
    internal void Tell(string activity, TrainingStepped stepped) => Progress?.Invoke(new ExperimentProgress(
        activity, Math.Min(stepped.Seconds, Seconds), Seconds, "seconds", string.Create(CultureInfo.InvariantCulture, $"{stepped.Images / 1000.0:0.#} kimg")));

    /// <summary>Refuses what cannot be.</summary>
    internal void Validate()
    {
        if (!Contestant.Sizes.Contains(Size))
        {
            throw new UsageException($"Both architectures have small presets of {string.Join(", ", Contestant.Sizes)} pixels, not of {Size}.");
        }
    }
}

/// <summary>How far an experiment is.</summary>
/// <param name="Activity">Such as <c>Training SWAGAN</c>.</param>
/// <param name="Done">How much is done.</param>
/// <param name="Total">Of how much.</param>
/// <param name="Unit">What is counted.</param>
/// <param name="Note">More, such as how many images were shown; may be empty.</param>
public sealed record ExperimentProgress(string Activity, double Done, double Total, string Unit, string Note);
