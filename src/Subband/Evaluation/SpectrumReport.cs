using System.Globalization;
using Subband.Metrics;

namespace Subband.Evaluation;

/// <summary>The spectrum of one source of images.</summary>
/// <param name="Input">Where the images come from.</param>
/// <param name="Spectrum">Their mean power spectrum.</param>
/// <param name="Resized">How many of the images had another size before.</param>
/// <param name="Gap">How far it is from the first source's; null for the first.</param>
public sealed record SourceSpectrum(SpectrumInput Input, PowerSpectrum Spectrum, long Resized, SpectralGap? Gap);

/// <summary>The spectra of several sources of images.</summary>
/// <param name="Width">Width of the images in pixels.</param>
/// <param name="Height">Height of the images in pixels.</param>
/// <param name="Whitening">What all images were whitened with.</param>
/// <param name="WhitenedBy">The source whose mean and deviation those are; null where they were given.</param>
/// <param name="Sources">The first is what the others are held against.</param>
public sealed record SpectrumReport(
    int Width, int Height, Whitening Whitening, string? WhitenedBy, IReadOnlyList<SourceSpectrum> Sources)
{
    /// <summary>How it was measured, in lines: without it the numbers mean nothing.</summary>
    public IReadOnlyList<string> Protocol =>
    [
        .. Sources.Where(one => one.Resized > 0).Select(one => string.Create(
            CultureInfo.InvariantCulture,
            $"{one.Resized:#,0} of the {one.Spectrum.Images:#,0} images of {one.Input.Label} had another size and were brought to {Width}x{Height} pixels, which changes spectra")),
        string.Create(
            CultureInfo.InvariantCulture,
            $"8-bit RGB of {Width}x{Height} pixels, less the mean {Whitening.Mean:0.###}, divided by the deviation {Whitening.Deviation:0.###}"
            + $"{(WhitenedBy is null ? "" : $" of {WhitenedBy}")}"),
        string.Create(
            CultureInfo.InvariantCulture,
            $"separable Kaiser window of unit energy, beta {SpectrumStatistics.WindowBeta}; zeros up to {Side}x{Side}; power, mean over channels and images, in dB"),
        "gap: mean absolute difference of the radial curves from half the Nyquist frequency up to it; see docs/spectrum.md",
    ];

    private int Side => Sources[0].Spectrum.Side;
}
