using System.Text.Json.Serialization;
using Subband.Evaluation;

namespace Subband.Cli.Commands;

/// <summary>What <c>subband spectrum --json</c> prints.</summary>
/// <param name="Width">Width of the images in pixels.</param>
/// <param name="Height">Height of the images in pixels.</param>
/// <param name="Mean">What was subtracted from all grey levels of 0 to 255.</param>
/// <param name="Deviation">What the difference was divided by.</param>
/// <param name="WhitenedBy">The label of the source whose mean and deviation those are; null where they were given.</param>
/// <param name="Sources">The first is what the others are held against.</param>
/// <param name="Plot">The PNG file.</param>
/// <param name="Csv">The file of the curves, if one was asked for.</param>
/// <param name="Protocol">How it was measured, in lines.</param>
internal sealed record SpectrumResult(
    int Width,
    int Height,
    double Mean,
    double Deviation,
    string? WhitenedBy,
    IReadOnlyList<SpectrumRow> Sources,
    string Plot,
    string? Csv,
    IReadOnlyList<string> Protocol)
{
    public static SpectrumResult Of(SpectrumReport report, string plot, string? csv) => new(
        report.Width,
        report.Height,
        report.Whitening.Mean,
        report.Whitening.Deviation,
        report.WhitenedBy,
        [.. report.Sources.Select(SpectrumRow.Of)],
        plot,
        csv,
        report.Protocol);
}

/// <summary>The spectrum of one source.</summary>
/// <param name="Label">What plot and table call it.</param>
/// <param name="Name">The source in full.</param>
/// <param name="Kind"><c>images</c> or <c>model</c>.</param>
/// <param name="Images">Of how many images it is the mean.</param>
/// <param name="Resized">How many of them had another size before.</param>
/// <param name="Refused">How many files were refused, each said on standard error.</param>
/// <param name="HighFrequencyGapDb">The mean absolute difference from the first; null for the first.</param>
/// <param name="SignedHighFrequencyGapDb">The mean difference from the first, below 0 for less power; null for the first.</param>
internal sealed record SpectrumRow(
    string Label,
    string Name,
    string Kind,
    long Images,
    long Resized,
    int Refused,
    double? HighFrequencyGapDb,
    double? SignedHighFrequencyGapDb)
{
    public static SpectrumRow Of(SourceSpectrum one) => new(
        one.Input.Label,
        one.Input.Name,
        one.Input is SpectrumModel ? "model" : "images",
        one.Spectrum.Images,
        one.Resized,
        one.Input is SpectrumImages images ? images.Source.Refused.Count : 0,
        one.Gap?.Absolute,
        one.Gap?.Signed);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(SpectrumResult))]
internal sealed partial class SpectrumJson : JsonSerializerContext;
