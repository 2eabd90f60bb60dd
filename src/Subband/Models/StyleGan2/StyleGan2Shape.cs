using Subband.Imaging;

namespace Subband.Models.StyleGan2;

/// <summary>The size and width of the networks of StyleGAN2 and SWAGAN.</summary>
public sealed record StyleGan2Shape
{
    private const int MostChannels = 512;
    private const int ChannelsTimesSide = 16_384; // of half the width of StyleGAN2's configuration F

    /// <summary>How often the base is doubled: 4 for 64 pixels from 4.</summary>
    public required int Doublings { get; init; }

    /// <summary>Height of the base in pixels.</summary>
    public int BaseHeight { get; init; } = 4;

    /// <summary>Width of the base in pixels.</summary>
    public int BaseWidth { get; init; } = 4;

    /// <summary>Colours of an image: 3 for RGB, 1 for grey, 4 with alpha.</summary>
    public int Colours { get; init; } = 3;

    /// <summary>Whether pixels or wavelet bands are made, or looked at.</summary>
    public PixelDomain Domain { get; init; } = PixelDomain.Wavelet;

    /// <summary>How the bands are scaled.</summary>
    public HaarScale Scale { get; init; } = HaarScale.Orthonormal;

    /// <summary>Numbers of z and of w.</summary>
    public int StyleWidth { get; init; } = 512;

    /// <summary>Layers of the mapping network.</summary>
    public int MappingLayers { get; init; } = 8;

    /// <summary>Channels of the finer half, as multiples of StyleGAN2's configuration E; 2 is configuration F, the paper's.</summary>
    public double ChannelMultiplier { get; init; } = 2;

    /// <summary>Side of the filters that make pixels or bands: 1, or 3 as SWAGAN's authors have it.</summary>
    public int PixelKernel { get; init; } = 1;

    /// <summary>Height of an image.</summary>
    public int Height => BaseHeight << Doublings;

    /// <summary>Width of an image.</summary>
    public int Width => BaseWidth << Doublings;

    /// <summary>How often the base is doubled up to the finest features.</summary>
    public int FeatureDoublings => Domain == PixelDomain.Wavelet ? Doublings - 1 : Doublings;

    /// <summary>Styles that an image is made of: one for each convolution, the last for the last pixels too.</summary>
    public int Styles => 2 + (2 * FeatureDoublings);

    /// <summary>Channels of features after so many doublings of a base of 4.</summary>
    /// <remarks><c>channels</c> of rosinality/stylegan2-pytorch: 512 up to 32 pixels, then halved at each doubling.</remarks>
    public int Channels(int doublings) => doublings < 4
        ? MostChannels
        : Math.Max(1, (int)(ChannelsTimesSide / (4 << doublings) * ChannelMultiplier));
}
