using Subband.Data;
using Subband.Metrics;
using Subband.Models;
using Subband.Models.Features;
using Subband.Torch;

namespace Subband.Evaluation;

/// <summary>What true images are like, gathered once, for any number of models to be held against; see <c>docs/frechet-distance.md</c>.</summary>
public sealed class FrechetReference : IDisposable
{
    // What the feature network sees at once: bounded memory, and little overhead.
    private const long ImagesAtOnce = 100;

    private readonly SqueezeNetFeatures _features;
    private readonly FeatureStatistics _truth;

    private FrechetReference(SqueezeNetFeatures features) =>
        (_features, _truth) = (features, new FeatureStatistics(features.Protocol));

    /// <summary>Looks at the true images.</summary>
    /// <param name="images">All of them; of a source without end as many as there are samples. Held-out images are the custom.</param>
    /// <param name="plan">How they are brought to the size of the models.</param>
    /// <param name="features">What describes an image; borrowed.</param>
    /// <param name="options">How many threads read them.</param>
    /// <exception cref="SubbandException">The images cannot be read.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static FrechetReference Of(IImageSource images, BatchPlan plan, SqueezeNetFeatures features, EvaluationOptions options)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(features);
        ArgumentNullException.ThrowIfNull(options);
        FrechetReference reference = new(features);
        try
        {
            long? count = images.Count is null ? options.Samples : null;
            var total = ImagePass.Length(images, count);
            foreach (var part in ImagePass.Over(images, plan, count, options.DataThreads, options.Stop))
            {
                using var scope = new TensorScope();
                reference.Add(reference._truth, Tensor.From(part.Pixels, part.Items.Count, 3, part.Height, part.Width));
                options.Tell("Features of true images", reference._truth.Count, total);
            }

            return reference;
        }
        catch
        {
            reference.Dispose();
            throw;
        }
    }

    /// <summary>The distance of a model's samples.</summary>
    /// <param name="model">The model.</param>
    /// <param name="options">How many samples, and from which random numbers.</param>
    /// <exception cref="SubbandException">There are fewer than two images on a side.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public FrechetScore Distance(IImageGenerator model, EvaluationOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        using var made = new FeatureStatistics(_features.Protocol);
        GeneratedImages.ForEachPart(model, options, images => Add(made, images));
        return FrechetDistance.Between(made, _truth);
    }

    /// <summary>Frees the statistics.</summary>
    public void Dispose() => _truth.Dispose();

    private void Add(FeatureStatistics statistics, Tensor images)
    {
        foreach (var part in images.Split(ImagesAtOnce))
        {
            using var scope = new TensorScope();
            statistics.Add(_features.Extract(part));
        }
    }
}
