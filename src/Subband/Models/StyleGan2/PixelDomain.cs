using Subband.Imaging;
using Subband.Torch;

namespace Subband.Models.StyleGan2;

/// <summary>What a network's skip connections carry: pixels, as in StyleGAN2, or the wavelet bands of pixels, as in SWAGAN.</summary>
/// <remarks>Gal et al. 2021, section 3: all else of the networks is the same.</remarks>
public enum PixelDomain
{
    /// <summary>Images.</summary>
    Image,

    /// <summary>Haar bands of images of twice the size.</summary>
    Wavelet,
}

/// <summary>How a generator of bands enlarges what it has made so far.</summary>
public enum BandEnlargement
{
    /// <summary>As the image that the bands are of is enlarged by StyleGAN2's filter; SWAGAN-Bi in the paper.</summary>
    Smooth,

    /// <summary>By learned weights, which make the twelve bands of each pixel's three colours; <c>GwaveletsNU</c> in the authors' program.</summary>
    Learned,
}

/// <summary>How a discriminator of bands makes those that it reads next.</summary>
public enum BandReduction
{
    /// <summary>As the image that the bands are of is reduced by StyleGAN2's filter; the paper's SWAGAN-Bi.</summary>
    Smooth,

    /// <summary>
    /// By learned weights, which make three colours of the twelve bands of each pixel, and the bands of these; all features are half as large.
    /// <c>DwaveletsNU</c> in the authors' program.
    /// </summary>
    Learned,
}

/// <summary>What each domain does, in the precision of what it is given, whatever the convolutions' is.</summary>
internal static class PixelDomains
{
    /// <summary>Channels of features that stand for so many colours.</summary>
    public static int Channels(this PixelDomain domain, int colours) => domain == PixelDomain.Wavelet ? 4 * colours : colours;

    /// <summary>To an image.</summary>
    public static Tensor Leave(this PixelDomain domain, Tensor pixels, HaarScale scale)
    {
        using var exact = new Autocast(pixels.Device.Type, enabled: false);
        return domain == PixelDomain.Wavelet ? HaarWavelet.Synthesise(pixels, scale) : pixels;
    }

    /// <summary>What stands for the image of twice the size.</summary>
    public static Tensor Double(this PixelDomain domain, Tensor pixels, HaarScale scale)
    {
        using var exact = new Autocast(pixels.Device.Type, enabled: false);
        return domain == PixelDomain.Wavelet ? HaarResampling.Double(pixels, scale) : Smoothing.Double(pixels);
    }
}
