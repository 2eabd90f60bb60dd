using Subband.Metrics;

namespace Subband.Evaluation;

/// <summary>Parzen-window log-likelihoods of test images under a model, with what has to be known to read them.</summary>
/// <param name="Test">The plain measure, for pixels of [0,1].</param>
/// <param name="Width">The width of its kernels, in the same units.</param>
/// <param name="Samples">The number of its kernels.</param>
/// <param name="Validation">The number of images on which widths were chosen.</param>
/// <param name="PixelDeviation">The standard deviation of the test images' pixels of [0,1]: the unit of older papers.</param>
/// <param name="MultiScale">The multi-scale measure; null where the model has none.</param>
/// <param name="WhyNotMultiScale">Why there is none, in a sentence; null where there is one.</param>
public sealed record ParzenReport(
    LogLikelihood Test,
    KernelWidth Width,
    long Samples,
    long Validation,
    double PixelDeviation,
    MultiScaleReport? MultiScale,
    string? WhyNotMultiScale);

/// <summary>A multi-scale Parzen log-likelihood of test images under a pyramid of generators.</summary>
/// <param name="Test">The log-likelihood of whole images, for pixels of [0,1].</param>
/// <param name="Validation">The number of images on which widths were chosen.</param>
/// <param name="Factors">
/// What the log-likelihood of codes is the sum of: the band of each level, the finest first, and the coarsest image last.
/// Log-likelihoods and widths are those of the codes in which the model works (<see cref="Models.IPyramidGenerator"/>).
/// </param>
/// <param name="Sides">The side of the images of each factor's level.</param>
public sealed record MultiScaleReport(
    LogLikelihood Test, long Validation, IReadOnlyList<ParzenScore> Factors, IReadOnlyList<int> Sides);
