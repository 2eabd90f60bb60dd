using Subband.Imaging;

namespace Subband.Models.StyleGan2;

/// <summary>Whose SWAGAN it is; both are the same StyleGAN2 where pixels stay pixels.</summary>
public enum StyleGan2Profile
{
    /// <summary>That of the PyTorch repository most checkpoints are from (rosinality/stylegan2-pytorch, since bef283a).</summary>
    Rosinality,

    /// <summary>
    /// The authors' own (rinongal/swagan): bands as plain sums, made by 3x3 filters and read by 1x1; a discriminator that goes one size
    /// further down and whose channels double from size to size; and two styles more, which nothing reads.
    /// </summary>
    Paper,
}

/// <summary>The size and width of the networks of StyleGAN2 and SWAGAN.</summary>
public sealed record StyleGan2Shape
{
    /// <summary>How often a base of 4 is doubled at the first features that the multiplier counts for.</summary>
    internal const int FirstMultiplied = 4;

    private const int ChannelsTimesSide = 16_384; // of half the width of StyleGAN2's configuration F

    /// <summary>How often the base is doubled: 4 for 64 pixels from 4.</summary>
    public required int Doublings { get; init; }

    /// <summary>Height of the base in pixels.</summary>
    public int BaseHeight { get; init; } = 4;

    /// <summary>Width of the base in pixels.</summary>
    public int BaseWidth { get; init; } = 4;

    /// <summary>Colours of an image: 3 for RGB, 1 for grey, 4 with alpha.</summary>
    public int Colours { get; init; } = 3;

    /// <summary>Classes that both networks are told; 0 for none.</summary>
    public int Classes { get; init; }

    /// <summary>Whether pixels or wavelet bands are made, or looked at.</summary>
    public PixelDomain Domain { get; init; } = PixelDomain.Wavelet;

    /// <summary>Whose SWAGAN.</summary>
    public StyleGan2Profile Profile { get; init; } = StyleGan2Profile.Rosinality;

    /// <summary>How a generator enlarges the bands of its skip.</summary>
    public BandEnlargement Enlargement { get; init; } = BandEnlargement.Smooth;

    /// <summary>How a discriminator makes the bands that it reads next.</summary>
    public BandReduction Reduction { get; init; } = BandReduction.Smooth;

    /// <summary>Numbers of z and of w.</summary>
    public int StyleWidth { get; init; } = 512;

    /// <summary>Layers of the mapping network.</summary>
    public int MappingLayers { get; init; } = 8;

    /// <summary>Channels of the finer half, as multiples of StyleGAN2's configuration E; 2 is configuration F, the paper's.</summary>
    public double ChannelMultiplier { get; init; } = 2;

    /// <summary>Channels at most, which is how many there are at the coarser sizes.</summary>
    public int MostChannels { get; init; } = 512;

    /// <summary>Side of the filters by which a discriminator reads bands: as the profile has it where null, or 1 or 3.</summary>
    public int? BandReader { get; init; }

    /// <summary>Height of an image.</summary>
    public int Height => BaseHeight << Doublings;

    /// <summary>Width of an image.</summary>
    public int Width => BaseWidth << Doublings;

    /// <summary>How often the base is doubled up to a generator's finest features.</summary>
    public int FeatureDoublings => Domain == PixelDomain.Wavelet ? Doublings - 1 : Doublings;

    /// <summary>Styles that an image is made of: one for each convolution, the last for the last pixels too; and those that nothing reads.</summary>
    public int Styles => 2 + (2 * FeatureDoublings) + (IsPaper ? 2 : 0);

    /// <summary>How the bands are scaled.</summary>
    internal HaarScale Scale => Profile == StyleGan2Profile.Paper ? HaarScale.Sums : HaarScale.Orthonormal;

    /// <summary>Side of the filters that make pixels or bands.</summary>
    internal int PixelMaker => IsPaper ? 3 : 1;

    /// <summary>Side of the filters that read bands.</summary>
    internal int BandReaderSide => BandReader ?? (IsPaper && !IsReductionLearned ? 1 : 3);

    /// <summary>How often a discriminator halves the finest features.</summary>
    internal int Halvings => Domain == PixelDomain.Image ? Doublings : IsPaper ? Doublings : Doublings - 1;

    /// <summary>By how much the base is larger than the features at a discriminator's end.</summary>
    internal int EndDivisor => (IsPaper ? 2 : 1) * (IsReductionLearned ? 2 : 1);

    /// <summary>Height and width of the features at a discriminator's end.</summary>
    internal (int Height, int Width) End => (BaseHeight / EndDivisor, BaseWidth / EndDivisor);

    /// <summary>Whether a discriminator makes the bands that it reads next by learned weights.</summary>
    internal bool IsReductionLearned => Reduction == BandReduction.Learned && Domain == PixelDomain.Wavelet;

    private bool IsPaper => Profile == StyleGan2Profile.Paper && Domain == PixelDomain.Wavelet;

    /// <summary>Channels of features after so many doublings of a base of 4.</summary>
    /// <remarks><c>channels</c> of rosinality/stylegan2-pytorch: 512 up to 32 pixels, then halved at each doubling.</remarks>
    public int Channels(int doublings) => doublings < FirstMultiplied
        ? MostChannels
        : Math.Clamp((int)(ChannelsAtMultiplier1(doublings) * ChannelMultiplier), 1, MostChannels);

    /// <summary>Channels of features that the multiplier counts for, where it is 1.</summary>
    internal static int ChannelsAtMultiplier1(int doublings) => ChannelsTimesSide / (4 << doublings);

    /// <summary>Channels of a discriminator's features from the finest to those of its end, one more than it halves them.</summary>
    /// <remarks>
    /// The first have the width that a generator has at the size of the image. Where bands are read they are half as large already: the
    /// authors go on from there width by width, rosinality/stylegan2-pytorch leaves out one.
    /// </remarks>
    internal IEnumerable<int> DiscriminatorChannels =>
    [
        Channels(Doublings),
        .. Enumerable.Range(0, Halvings).Reverse().Select(Channels),
    ];
}
