using Subband.Training;

namespace Subband.Tests.Training;

/// <summary>A LAPGAN of two levels that is trained in a second.</summary>
internal static class TinyLapgan
{
    /// <summary>Two steps of 16 images in a folder.</summary>
    public static TrainingRequest In(string folder) => new()
    {
        Preset = "lapgan-cifar10-paper",
        Data = "synthetic:leaves#size=16",
        Out = folder,
        Kimg = 0.032,
        Precision = Precision.Fp32,
        Threads = 1,
        Settings =
        [
            ("pyramid.sizes", "16,8"),
            ("band.generatorWidths", "4"),
            ("band.discriminatorWidths", "4"),
            ("base.generatorWidths", "8,8"),
            ("base.discriminatorWidths", "8,8"),
            ("normalization", "range"),
            ("training.batchSize", "16"),
        ],
    };

    /// <summary>Trains it.</summary>
    /// <returns>The folder.</returns>
    public static string Train(TrainingRequest request)
    {
        using TrainingJob job = TrainingJob.Prepare(request);
        job.Run(stop: TestContext.Current.CancellationToken);
        return job.Path;
    }
}
