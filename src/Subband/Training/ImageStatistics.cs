using Subband.Data;
using Subband.Torch;

namespace Subband.Training;

/// <summary>Mean and deviation of each colour at each position, over the images that a run is trained on.</summary>
internal static class ImageStatistics
{
    // Enough for two digits more than any weight is known to.
    private const int MostImages = 100_000;
    private const int ImagesOfEndlessSource = 10_000;

    // One grey level: what never varies would otherwise be divided by zero.
    private const double LeastDeviation = 1 / 127.5;

    /// <summary>Goes through the images once: all of them up to a hundred thousand, which are then drawn at random.</summary>
    /// <param name="source">The images.</param>
    /// <param name="plan">Their size and preparation; without mirroring, and cut from the centre.</param>
    /// <param name="threads">How many threads prepare images.</param>
    /// <param name="device">Where the result lives.</param>
    /// <param name="tell">Is told how many images were looked at, of how many.</param>
    /// <param name="stop">Stops it.</param>
    /// <returns>Two tensors [C, H, W], in the present scope; deviations are at least one grey level.</returns>
    public static (Tensor Mean, Tensor Deviation) Of(
        IImageSource source, BatchPlan plan, int threads, Device device, Action<long, long> tell, CancellationToken stop)
    {
        long count = Math.Min(source.Count ?? ImagesOfEndlessSource, MostImages);
        BatchPlan once = plan with
        {
            BatchSize = (int)Math.Min(plan.BatchSize, count),
            Order = BatchOrder.ShuffledEpochs,
            Flip = false,
            Crop = CropRule.Centre,
            RequireLabels = false,
        };
        using BatchLoader loader = new(source, once, threads, cacheBytes: 0);
        using GradMode noGrad = Autograd.NoGrad();
        using TensorScope scope = new();
        Tensor sum = Tensor.Zeros([plan.Channels, plan.Height, plan.Width], DType.Float64);
        Tensor squares = Tensor.Zeros([plan.Channels, plan.Height, plan.Width], DType.Float64);
        for (long done = 0; done < count; done += once.BatchSize)
        {
            tell(done, count);
            using TensorScope inner = new();
            using ImageBatch batch = loader.Next(stop);
            Tensor images = Tensor.From<float>(batch.Pixels, batch.Count, plan.Channels, batch.Height, batch.Width) // [N, C, H, W]
                .Narrow(0, 0, Math.Min(batch.Count, count - done))
                .To(DType.Float64);
            _ = sum.AddInPlace(images.Sum([0]));
            _ = squares.AddInPlace(images.Square().Sum([0]));
        }

        tell(count, count);
        Tensor mean = sum / count;
        Tensor deviation = ((squares / count) - mean.Square()).Clamp(0, null).Sqrt().Clamp(LeastDeviation, null);
        return (scope.Keep(mean.To(DType.Float32).To(device)), scope.Keep(deviation.To(DType.Float32).To(device)));
    }
}
