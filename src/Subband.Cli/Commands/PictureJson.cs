using System.Text.Json.Serialization;
using Subband.Evaluation;

namespace Subband.Cli.Commands;

/// <summary>What <c>subband compare --json</c> and <c>subband evaluate --json</c> of an upscaler print.</summary>
/// <param name="Model">What was typed for the model, if there is one.</param>
/// <param name="Preset">The preset it was trained with.</param>
/// <param name="Scale">By how much it enlarged.</param>
/// <param name="Precision">In which precision it computed, <c>fp32</c> or <c>bf16</c>.</param>
/// <param name="SelfEnsemble">Whether each picture was enlarged in eight positions.</param>
/// <param name="Reference">The true pictures.</param>
/// <param name="Compared">What was measured, if those are files.</param>
/// <param name="Crop">How many pixels at each side did not count.</param>
/// <param name="Images">How many pictures were measured.</param>
/// <param name="PsnrY">The mean; null where it was not measured or is infinite.</param>
/// <param name="PsnrRgb">The mean; null where it was not measured or is infinite.</param>
/// <param name="SsimY">The mean.</param>
/// <param name="SsimRgb">The mean.</param>
/// <param name="Lpips">The mean.</param>
/// <param name="Each">The figures of each picture.</param>
/// <param name="Failed">The pictures that could not be measured.</param>
/// <param name="OnlyInReference">Names that only the true pictures have.</param>
/// <param name="OnlyInImages">Names that only the others have.</param>
/// <param name="Protocol">How it was measured, in lines.</param>
internal sealed record PictureSetResult(
    string? Model,
    string? Preset,
    int? Scale,
    string? Precision,
    bool? SelfEnsemble,
    string Reference,
    string? Compared,
    int Crop,
    int Images,
    double? PsnrY,
    double? PsnrRgb,
    double? SsimY,
    double? SsimRgb,
    double? Lpips,
    IReadOnlyList<PictureRow> Each,
    IReadOnlyList<PictureFailure> Failed,
    IReadOnlyList<string>? OnlyInReference,
    IReadOnlyList<string>? OnlyInImages,
    IReadOnlyList<string> Protocol)
{
    /// <summary>The figures of a report, with nothing said of where the pictures come from.</summary>
    public static PictureSetResult Of(PictureReport report, string reference, int crop) => new(
        null,
        null,
        null,
        null,
        null,
        reference,
        null,
        crop,
        report.Pictures.Count,
        Finite(report.Mean?.PsnrY),
        Finite(report.Mean?.PsnrRgb),
        report.Mean?.SsimY,
        report.Mean?.SsimRgb,
        report.Mean?.Lpips,
        [.. report.Pictures.Select(PictureRow.Of)],
        report.Failures,
        null,
        null,
        report.Protocol);

    /// <summary>JSON has no infinity.</summary>
    internal static double? Finite(double? value) => value is { } number && double.IsFinite(number) ? number : null;
}

/// <summary>The figures of one picture.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Width">Its width.</param>
/// <param name="Height">Its height.</param>
/// <param name="Equal">Whether it equals the true one where it counts, so that its PSNR is infinite; null where PSNR was not measured.</param>
/// <param name="PsnrY">Null where it was not measured or is infinite.</param>
/// <param name="PsnrRgb">Null where it was not measured or is infinite.</param>
/// <param name="SsimY">Null where it was not measured.</param>
/// <param name="SsimRgb">Null where it was not measured.</param>
/// <param name="Lpips">Null where it was not measured.</param>
internal sealed record PictureRow(
    string Name, int Width, int Height, bool? Equal, double? PsnrY, double? PsnrRgb, double? SsimY, double? SsimRgb, double? Lpips)
{
    public static PictureRow Of(PictureResult picture) => new(
        picture.Name,
        picture.Width,
        picture.Height,
        picture.Figures.PsnrRgb is { } decibels ? double.IsInfinity(decibels) : null,
        PictureSetResult.Finite(picture.Figures.PsnrY),
        PictureSetResult.Finite(picture.Figures.PsnrRgb),
        picture.Figures.SsimY,
        picture.Figures.SsimRgb,
        picture.Figures.Lpips);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(PictureSetResult))]
internal sealed partial class PictureJson : JsonSerializerContext;
