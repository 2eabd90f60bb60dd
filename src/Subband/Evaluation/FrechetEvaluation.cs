using Subband.Data;
using Subband.Metrics;
using Subband.Models;
using Subband.Models.Features;
using Subband.Torch;

namespace Subband.Evaluation;

/// <summary>The Fréchet distance between a model's samples and true images; see <c>docs/frechet-distance.md</c>.</summary>
public static class FrechetEvaluation
{
    // What the feature network sees at once: bounded memory, and little overhead.
    private const long ImagesAtOnce = 100;

    /// <summary>Measures a model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="reference">
    /// The true images, all of them; of a source without end as many as there are samples. Held-out images are the custom.
    /// </param>
    /// <param name="plan">How the true images are brought to the model's size.</param>
    /// <param name="features">What describes an image.</param>
    /// <param name="options">How many samples, and from which random numbers.</param>
    /// <exception cref="SubbandException">There are fewer than two images on a side, or the data cannot be read.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static FrechetScore Run(
        IImageGenerator model, IImageSource reference, BatchPlan plan, SqueezeNetFeatures features, EvaluationOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentNullException.ThrowIfNull(features);
        ArgumentNullException.ThrowIfNull(options);
        using var truth = new FeatureStatistics(features.Protocol);
        using var made = new FeatureStatistics(features.Protocol);
        long? count = reference.Count is null ? options.Samples : null;
        var total = ImagePass.Length(reference, count);
        foreach (var images in ImagePass.Over(reference, plan, count, options.DataThreads, options.Stop))
        {
            using var scope = new TensorScope();
            Add(truth, features, Tensor.From(images.Pixels, images.Items.Count, 3, images.Height, images.Width));
            options.Tell("Features of true images", truth.Count, total);
        }

        GeneratedImages.ForEachPart(model, options, images => Add(made, features, images));
        return FrechetDistance.Between(made, truth);
    }

    private static void Add(FeatureStatistics statistics, SqueezeNetFeatures features, Tensor images)
    {
        foreach (var part in images.Split(ImagesAtOnce))
        {
            using var scope = new TensorScope();
            statistics.Add(features.Extract(part));
        }
    }
}
