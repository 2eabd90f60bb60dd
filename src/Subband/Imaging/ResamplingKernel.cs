namespace Subband.Imaging;

/// <summary>The curve that weighs the old pixels around a new one, along each axis.</summary>
public enum ResamplingKernel
{
    /// <summary>The old pixel in which the new one's centre lies.</summary>
    Nearest,

    /// <summary>Linear between the centres of pixels.</summary>
    Bilinear,

    /// <summary>Keys' cubic with a = −0.5, which MATLAB and Pillow use, and so every figure of the literature.</summary>
    Bicubic,

    /// <summary>Keys' cubic with a = −0.75, which OpenCV and PyTorch use: sharper, with more overshoot.</summary>
    SharpBicubic,

    /// <summary>The cardinal sine of three lobes a side, in a window of its own form.</summary>
    Lanczos3,

    /// <summary>Shrinks by the mean over the area that a new pixel covers; enlarges linearly.</summary>
    Area,
}

/// <summary>What lies beyond the edge of an image.</summary>
public enum ResamplingBorder
{
    /// <summary>The outermost pixel, again and again.</summary>
    Replicate,

    /// <summary>The image in a mirror at its very edge: the outermost pixel twice, then the next.</summary>
    Symmetric,
}

/// <summary>How an image is brought to another size.</summary>
/// <param name="Kernel">The curve.</param>
public readonly record struct Resampling(ResamplingKernel Kernel)
{
    /// <summary>
    /// Whether the curve is stretched when an image shrinks, so that every old pixel counts and nothing aliases. OpenCV and
    /// PyTorch do not do so by default. <see cref="ResamplingKernel.Nearest"/> and <see cref="ResamplingKernel.Area"/> are as
    /// they are.
    /// </summary>
    public bool Antialias { get; init; } = true;

    /// <summary>What lies beyond the edge.</summary>
    public ResamplingBorder Border { get; init; } = ResamplingBorder.Replicate;
}
