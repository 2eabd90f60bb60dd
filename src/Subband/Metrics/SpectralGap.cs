namespace Subband.Metrics;

/// <summary>
/// The high-frequency gap: how far the radial curve of a spectrum lies from that of a reference in the upper half of frequencies, in dB.
/// </summary>
/// <remarks>
/// Of all frequencies k/S with S/4 ≤ k ≤ S/2, from half the Nyquist frequency to the Nyquist frequency, both ends included and each of the
/// same weight, the mean of the differences of <see cref="PowerSpectrum.Radial"/>. A definition of Subband's own; see <c>docs/spectrum.md</c>.
/// </remarks>
/// <param name="Absolute">The mean of the absolute differences; 0 for equal curves.</param>
/// <param name="Signed">The mean of the differences: below 0 where the spectrum has less power than the reference.</param>
public readonly record struct SpectralGap(double Absolute, double Signed)
{
    /// <summary>The gap between two spectra.</summary>
    /// <param name="reference">What is to be reached.</param>
    /// <param name="spectrum">What reaches it more or less.</param>
    /// <exception cref="ArgumentException">Their frequencies differ.</exception>
    public static SpectralGap Between(PowerSpectrum reference, PowerSpectrum spectrum)
    {
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentNullException.ThrowIfNull(spectrum);
        if (reference.Side != spectrum.Side)
        {
            throw new ArgumentException(
                $"Spectra of the same frequencies are expected, not of {reference.Side} and of {spectrum.Side} rows.", nameof(spectrum));
        }

        double[] differences =
        [
            .. Enumerable.Range(spectrum.Side / 4, (spectrum.Side / 4) + 1).Select(k => spectrum.Radial[k] - reference.Radial[k]),
        ];
        return new SpectralGap(differences.Average(Math.Abs), differences.Average());
    }
}
