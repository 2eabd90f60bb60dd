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

/// <summary>What each domain does.</summary>
internal static class PixelDomains
{
    /// <summary>Channels of features that stand for so many colours.</summary>
    public static int Channels(this PixelDomain domain, int colours) => domain == PixelDomain.Wavelet ? 4 * colours : colours;

    /// <summary>To an image.</summary>
    public static Tensor Leave(this PixelDomain domain, Tensor pixels, HaarScale scale) =>
        domain == PixelDomain.Wavelet ? HaarWavelet.Synthesise(pixels, scale) : pixels;

    /// <summary>What stands for the image of twice the size.</summary>
    public static Tensor Double(this PixelDomain domain, Tensor pixels, HaarScale scale) =>
        domain == PixelDomain.Wavelet ? HaarResampling.Double(pixels, scale) : Smoothing.Double(pixels);
}
