namespace Subband.Metrics;

/// <summary>
/// What grey levels are brought to mean 0 and variance 1 with before their spectrum is taken: one mean and one deviation for all pixels and
/// channels. Spectra compare only if they share it.
/// </summary>
/// <param name="Mean">In grey levels of 0 to 255.</param>
/// <param name="Deviation">In grey levels of 0 to 255; greater than 0.</param>
public readonly record struct Whitening(double Mean, double Deviation);
