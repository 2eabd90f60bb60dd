using System.Text.Json.Serialization;
using Subband.Evaluation;

namespace Subband.Cli.Commands;

/// <summary>What <c>subband evaluate --json</c> prints.</summary>
/// <param name="Model">What was typed for the model.</param>
/// <param name="Preset">The preset it was trained with.</param>
/// <param name="Data">The true images, in full.</param>
/// <param name="Refused">How many files among them were refused, each said on standard error.</param>
/// <param name="Seed">Where the model's random numbers started.</param>
/// <param name="Fd">The Fréchet distance, if it was asked for.</param>
/// <param name="FdProtocol">How it was measured.</param>
/// <param name="Parzen">The log-likelihoods, if they were asked for.</param>
internal sealed record EvaluationResult(
    string Model, string Preset, string Data, int Refused, ulong Seed, double? Fd, FrechetProtocol? FdProtocol, ParzenResult? Parzen);

/// <summary>How a Fréchet distance was measured.</summary>
internal sealed record FrechetProtocol(string Network, int Dimensions, string Input, string Weights, long Samples, long Images);

/// <summary>Parzen-window log-likelihoods in nats an image, for pixels of [0,1] unless said otherwise.</summary>
/// <param name="Mean">The mean over the test images.</param>
/// <param name="Deviation">The standard deviation over the test images.</param>
/// <param name="Width">The kernels' width.</param>
/// <param name="Samples">The number of kernels.</param>
/// <param name="Images">The number of test images.</param>
/// <param name="ValidationImages">The number of images on which the width was chosen.</param>
/// <param name="Validation">Which those are; null for every tenth of the data, which is then not tested on.</param>
/// <param name="PixelDeviation">The deviation of the test images' pixels.</param>
/// <param name="MeanInDeviations">The mean for pixels in units of that deviation.</param>
/// <param name="MultiScale">The multi-scale measure, where the model has one.</param>
/// <param name="MultiScaleReason">Why it has none.</param>
internal sealed record ParzenResult(
    double Mean,
    double Deviation,
    double Width,
    long Samples,
    long Images,
    long ValidationImages,
    string? Validation,
    double PixelDeviation,
    double MeanInDeviations,
    MultiScaleResult? MultiScale,
    string? MultiScaleReason)
{
    public static ParzenResult Of(ParzenReport report, string? validation) => new(
        report.Test.Mean,
        report.Test.Deviation,
        report.Width.Value,
        report.Samples,
        report.Test.Images,
        report.Validation,
        validation,
        report.PixelDeviation,
        report.Test.InUnitsOf(report.PixelDeviation).Mean,
        report.MultiScale is null ? null : MultiScaleResult.Of(report.MultiScale, report.PixelDeviation),
        report.WhyNotMultiScale);
}

/// <summary>The multi-scale figure, and the factors that it is the sum of, in the units in which the model works.</summary>
internal sealed record MultiScaleResult(
    double Mean, double Deviation, double MeanInDeviations, long Images, long ValidationImages, IReadOnlyList<MultiScaleFactor> Factors)
{
    public static MultiScaleResult Of(MultiScaleReport report, double pixelDeviation) => new(
        report.Test.Mean,
        report.Test.Deviation,
        report.Test.InUnitsOf(pixelDeviation).Mean,
        report.Test.Images,
        report.Validation,
        [.. report.Factors.Zip(report.Sides, (factor, side) => new MultiScaleFactor(
            side, factor.Test.Mean, factor.Test.Deviation, factor.Width.Value, factor.Samples))]);
}

/// <summary>The band of a level, or the coarsest image, which stands last.</summary>
internal sealed record MultiScaleFactor(int Side, double Mean, double Deviation, double Width, long Samples);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(EvaluationResult))]
internal sealed partial class EvaluationJson : JsonSerializerContext;
