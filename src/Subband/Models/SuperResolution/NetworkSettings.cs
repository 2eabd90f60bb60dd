using Subband.Imaging;
using Subband.Training;

namespace Subband.Models.SuperResolution;

/// <summary>The networks of super-resolution.</summary>
public enum NetworkKind
{
    /// <summary>Three convolutions over an enlarged image; see <see cref="SuperResolution.Srcnn"/>.</summary>
    Srcnn,

    /// <summary>Twenty convolutions that compute what an enlarged image lacks; see <see cref="SuperResolution.Vdsr"/>.</summary>
    Vdsr,

    /// <summary>Residual dense blocks; see <see cref="SuperResolution.Rdn"/>.</summary>
    Rdn,

    /// <summary>Residual groups with channel attention; see <see cref="SuperResolution.Rcan"/>.</summary>
    Rcan,

    /// <summary>Residual blocks with batch norm, also SRGAN's generator; see <see cref="SuperResolution.SrResNet"/>.</summary>
    SrResNet,
}

/// <summary>What a network sees of a photograph.</summary>
public enum ImageColour
{
    /// <summary>Red, green and blue.</summary>
    Rgb,

    /// <summary>The brightness Y of BT.601, 16 to 235 of 255; colours are enlarged by interpolation.</summary>
    Y,
}

/// <summary>How a network's weights start.</summary>
public enum InitialWeights
{
    /// <summary>As PyTorch's layers: uniform in ±1/√fan-in, biases too.</summary>
    Layers,

    /// <summary>Normal of deviation 0.001, biases 0: SRCNN's paper.</summary>
    Gaussian,

    /// <summary>Normal of deviation √(2 / fan-out), biases 0: VDSR's paper, after He et al. 2015.</summary>
    He,

    /// <summary>Uniform in ±√(6 / (fan-in + fan-out)), biases 0: Keras' default, and so that of the course notes.</summary>
    Glorot,
}

/// <summary>The network: <c>network.*</c>.</summary>
public sealed record NetworkSettings
{
    /// <summary>Which one.</summary>
    [Setting("the network")]
    public NetworkKind Kind { get; init; } = NetworkKind.Srcnn;

    /// <summary>By how much it enlarges. Only SRCNN and VDSR, whose images are enlarged before, can serve several.</summary>
    [Setting("factors by which it enlarges; only srcnn and vdsr take several", Minimum = 2, Maximum = 16)]
    public IReadOnlyList<int> Scales { get; init; } = [4];

    /// <summary>SRCNN, VDSR: what the network sees.</summary>
    [Setting("srcnn, vdsr: rgb, or y: the brightness alone, while colours are interpolated")]
    public ImageColour Colour { get; init; } = ImageColour.Rgb;

    /// <summary>SRCNN, VDSR: how images are enlarged before the network.</summary>
    [Setting("srcnn, vdsr: how images are enlarged before the network; colours too")]
    public ResamplingKernel Enlargement { get; init; } = ResamplingKernel.Bicubic;

    /// <summary>SRCNN: f1, f2, f3, the sides of its filters.</summary>
    [Setting("srcnn: sides of the filters of its three layers; odd", Minimum = 1, Maximum = 31)]
    public IReadOnlyList<int> Kernels { get; init; } = [9, 5, 5];

    /// <summary>SRCNN: n1, n2, the numbers of its filters.</summary>
    [Setting("srcnn: filters of the first two layers", Minimum = 1, Maximum = 4096)]
    public IReadOnlyList<int> Widths { get; init; } = [64, 32];

    /// <summary>All but SRCNN: channels. RDN's G₀.</summary>
    [Setting("vdsr, rdn, rcan, srResNet: channels", Minimum = 1, Maximum = 4096)]
    public int Width { get; init; } = 64;

    /// <summary>VDSR: convolutions in all. RDN: C, those of a block before its fusion.</summary>
    [Setting("vdsr: convolutions in all; rdn: convolutions of a block", Minimum = 1, Maximum = 1000)]
    public int Layers { get; init; } = 20;

    /// <summary>RDN: D, dense blocks. RCAN: blocks of a group. SRResNet: residual blocks.</summary>
    [Setting("rdn, srResNet: blocks; rcan: blocks of a group", Minimum = 1, Maximum = 1000)]
    public int Blocks { get; init; } = 16;

    /// <summary>RCAN: residual groups.</summary>
    [Setting("rcan: groups of blocks", Minimum = 1, Maximum = 1000)]
    public int Groups { get; init; } = 10;

    /// <summary>RCAN: by how much the channel attention narrows.</summary>
    [Setting("rcan: by how much the channel attention narrows", Minimum = 1, Maximum = 4096)]
    public int Reduction { get; init; } = 16;

    /// <summary>RDN: G, channels that each convolution of a block adds.</summary>
    [Setting("rdn: channels that each convolution of a block adds", Minimum = 1, Maximum = 4096)]
    public int Growth { get; init; } = 64;

    /// <summary>RDN, RCAN, SRResNet: channels after the enlargement; 0 for as many as <see cref="Width"/>.</summary>
    [Setting("rdn, rcan, srResNet: channels after the enlargement; 0 for as many as width", Minimum = 0, Maximum = 4096)]
    public int TailWidth { get; init; }

    /// <summary>RDN, RCAN, SRResNet: whether they compute only the band of detail that bicubic enlargement lacks.</summary>
    [Setting("rdn, rcan, srResNet: whether they compute only the band of detail that bicubic enlargement lacks, and not the whole image")]
    public bool Band { get; init; }

    /// <summary>SRResNet: whether batch norm follows its convolutions.</summary>
    [Setting("srResNet: whether batch norm follows its convolutions, as in the paper")]
    public bool BatchNorm { get; init; } = true;

    /// <summary>VDSR: whether its convolutions have biases.</summary>
    [Setting("vdsr: whether its convolutions have biases")]
    public bool Bias { get; init; } = true;

    /// <summary>RDN, RCAN: what is subtracted of red, green and blue in [0,1]; nothing when empty.</summary>
    [Setting("rdn, rcan: mean of red, green and blue that is subtracted, in [0,1]; nothing when empty", Minimum = -10, Maximum = 10)]
    public IReadOnlyList<double> Mean { get; init; } = [];

    /// <summary>RDN, RCAN: the number that stands for white within the network.</summary>
    [Setting("rdn, rcan: the number that stands for white within the network", Minimum = 0.001, Maximum = 65_535)]
    public double Range { get; init; } = 1;

    /// <summary>How its weights start.</summary>
    [Setting("how weights start")]
    public InitialWeights Initial { get; init; } = InitialWeights.Layers;

    /// <summary><see cref="TailWidth"/>, or what its 0 stands for.</summary>
    internal int TailOrWidth => TailWidth == 0 ? Width : TailWidth;
}
