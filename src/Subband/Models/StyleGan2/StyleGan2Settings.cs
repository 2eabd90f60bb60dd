using Subband.Evaluation;
using Subband.Imaging;
using Subband.Training;
using Subband.Training.Augmentation;

namespace Subband.Models.StyleGan2;

/// <summary>Where the weight of the R1 penalty comes from.</summary>
public enum R1Rule
{
    /// <summary>It is <see cref="LossSettings.R1"/>.</summary>
    Given,

    /// <summary>It is 0.0002 · pixels / images in one step, the rule of thumb of NVlabs/stylegan2-ada-pytorch.</summary>
    Automatic,
}

/// <summary>All settings of a StyleGAN2 or SWAGAN.</summary>
public sealed record StyleGan2Settings : ModelSettings
{
    /// <summary>The networks.</summary>
    public NetworkSettings Network { get; init; } = new();

    /// <summary>What is minimised.</summary>
    public LossSettings Loss { get; init; } = new();

    /// <summary>How it is minimised.</summary>
    public OptimizerSettings Optimizer { get; init; } = new();

    /// <summary>What the discriminator sees its images under.</summary>
    public AugmentationSettings Augmentation { get; init; } = new();

    /// <summary>How it is measured meanwhile.</summary>
    public SampleValidationSettings Validation { get; init; } = new();

    /// <summary>Whether both networks are told the class.</summary>
    [Setting("whether both networks are told the class of the image")]
    public bool Conditional { get; init; }

    /// <summary>The generator's shape.</summary>
    /// <param name="classes">Classes of the data.</param>
    internal StyleGan2Shape GeneratorShape(int classes) =>
        Shape(classes) with { Domain = Network.Generator };

    /// <summary>The discriminator's shape.</summary>
    /// <param name="classes">Classes of the data.</param>
    internal StyleGan2Shape DiscriminatorShape(int classes) => Shape(classes) with { Domain = Network.Discriminator };

    private StyleGan2Shape Shape(int classes) => new()
    {
        Doublings = Network.Doublings,
        BaseHeight = Network.BaseHeight,
        BaseWidth = Network.BaseWidth,
        Colours = Network.Colour.Channels(),
        Classes = Conditional ? classes : 0,
        Profile = Network.Profile,
        Enlargement = Network.Enlargement,
        Reduction = Network.Reduction,
        BandReader = Network.BandReader,
        StyleWidth = Network.StyleWidth,
        MappingLayers = Network.MappingLayers,
        ChannelMultiplier = Network.ChannelMultiplier,
        MostChannels = Network.MostChannels,
    };
}

/// <summary>The networks: <c>network.*</c>.</summary>
public sealed record NetworkSettings
{
    /// <summary>What the generator makes.</summary>
    [Setting("image: the generator makes pixels (StyleGAN2); wavelet: bands (SWAGAN)")]
    public PixelDomain Generator { get; init; } = PixelDomain.Wavelet;

    /// <summary>What the discriminator looks at.</summary>
    [Setting("image: the discriminator looks at pixels (StyleGAN2); wavelet: at bands (SWAGAN)")]
    public PixelDomain Discriminator { get; init; } = PixelDomain.Wavelet;

    /// <summary>What the pixels of images hold.</summary>
    [Setting("grey, rgb, or rgba: with opacity, by which colours are not multiplied; images of another kind are converted")]
    public PixelColour Colour { get; init; } = PixelColour.Rgb;

    /// <summary>Whose SWAGAN.</summary>
    [Setting("wavelet: whose SWAGAN, that of the PyTorch checkpoints or that of the paper's authors")]
    public StyleGan2Profile Profile { get; init; } = StyleGan2Profile.Rosinality;

    /// <summary>How a generator enlarges bands.</summary>
    [Setting("wavelet: how the generator enlarges bands")]
    public BandEnlargement Enlargement { get; init; } = BandEnlargement.Smooth;

    /// <summary>How a discriminator makes the bands that it reads next.</summary>
    [Setting("wavelet: how the discriminator makes the bands that it reads next")]
    public BandReduction Reduction { get; init; } = BandReduction.Smooth;

    /// <summary>Side of the filters by which a discriminator reads bands.</summary>
    [Setting("wavelet: side of the filters by which the discriminator reads bands, 1 or 3; none for the profile's", Minimum = 1, Maximum = 3)]
    public int? BandReader { get; init; }

    /// <summary>Height of the base in pixels.</summary>
    [Setting("height of the coarsest features in pixels", Minimum = 2, Maximum = 64)]
    public int BaseHeight { get; init; } = 4;

    /// <summary>Width of the base in pixels.</summary>
    [Setting("width of the coarsest features in pixels", Minimum = 2, Maximum = 64)]
    public int BaseWidth { get; init; } = 4;

    /// <summary>How often the base is doubled.</summary>
    [Setting("how often they are doubled up to the size of the images: 4 for 64 pixels from 4", Minimum = 1, Maximum = 9)]
    public int Doublings { get; init; } = 4;

    /// <summary>Numbers of a latent vector and of a style.</summary>
    [Setting("numbers of a latent vector and of a style", Minimum = 1, Maximum = 4096)]
    public int StyleWidth { get; init; } = 512;

    /// <summary>Layers of the mapping network.</summary>
    [Setting("layers that make a style of a latent vector", Minimum = 1, Maximum = 32)]
    public int MappingLayers { get; init; } = 8;

    /// <summary>Channels of the finer features.</summary>
    [Setting("channels from 64 pixels on, as multiples of 256 at 64, 128 at 128, …; 2 is the papers' width", Minimum = 0.01, Maximum = 8)]
    public double ChannelMultiplier { get; init; } = 2;

    /// <summary>Channels at most.</summary>
    [Setting("channels at most, which is how many there are up to 32 pixels", Minimum = 1, Maximum = 4096)]
    public int MostChannels { get; init; } = 512;
}

/// <summary>What is minimised: <c>loss.*</c>.</summary>
/// <remarks>The non-saturating loss of Goodfellow et al. 2014; the two penalties are taken at some steps only, with weights that make up for it.</remarks>
public sealed record LossSettings
{
    /// <summary>Weight γ of the penalty on the discriminator's gradient at real images; 0 disables it.</summary>
    [Setting("weight of the R1 penalty; 0 for none", Minimum = 0, ChangeableOnResume = true)]
    public double R1 { get; init; } = 10;

    /// <summary>Whether <see cref="R1"/> or the size of images and batch decides.</summary>
    [Setting("given: the weight is loss.r1; automatic: 0.0002 times the pixels of an image over the images in one step", ChangeableOnResume = true)]
    public R1Rule R1Rule { get; init; } = R1Rule.Given;

    /// <summary>Steps between two R1 penalties, whose weight is multiplied by this.</summary>
    [Setting("steps between two R1 penalties", Minimum = 1)]
    public int R1Interval { get; init; } = 16;

    /// <summary>Weight of the path length penalty; 0 disables it.</summary>
    [Setting("weight of the path length penalty; 0 for none", Minimum = 0, ChangeableOnResume = true)]
    public double PathLength { get; init; } = 2;

    /// <summary>Steps between two path length penalties, whose weight is multiplied by this.</summary>
    [Setting("steps between two path length penalties", Minimum = 1)]
    public int PathLengthInterval { get; init; } = 4;

    /// <summary>Images of a path length penalty, as a part of those of a step.</summary>
    [Setting("the path length penalty is taken of the images in one step divided by this", Minimum = 1)]
    public int PathLengthShrink { get; init; } = 2;

    /// <summary>How quickly the mean path length follows.</summary>
    [Setting("share of the newest in the mean path length", Minimum = 0.0001, Maximum = 1)]
    public double PathLengthDecay { get; init; } = 0.01;

    /// <summary>How often images are made of two latent vectors.</summary>
    [Setting("probability with which images are made of the styles of two latent vectors", Minimum = 0, Maximum = 1, ChangeableOnResume = true)]
    public double StyleMixing { get; init; } = 0.9;
}

/// <summary>How it is minimised, by Adam: <c>optimizer.*</c>.</summary>
/// <remarks>
/// A network of which a penalty is taken each k steps is stepped k + 1 times where it would be k times; its rate and the shares of the past are
/// brought into line by k / (k + 1), as in Karras et al. 2020, appendix B.
/// </remarks>
public sealed record OptimizerSettings
{
    /// <summary>A model whose networks, averages and, where it has them, optimisers a new run begins with.</summary>
    [Setting("a model to begin with: a run, a checkpoint, or a file that 'subband import' made; empty for none", IsPlace = true)]
    public string StartFrom { get; init; } = "";

    /// <summary>The generator's rate.</summary>
    [Setting("the generator's learning rate", Minimum = 0, ChangeableOnResume = true)]
    public double GeneratorRate { get; init; } = 0.002;

    /// <summary>The discriminator's rate.</summary>
    [Setting("the discriminator's learning rate", Minimum = 0, ChangeableOnResume = true)]
    public double DiscriminatorRate { get; init; } = 0.002;

    /// <summary>The share of the past in the mean of gradients.</summary>
    [Setting("share of the past in the mean of gradients", Minimum = 0, Maximum = 0.9999)]
    public double Beta1 { get; init; }

    /// <summary>The share of the past in the mean of squared gradients.</summary>
    [Setting("share of the past in the mean of squared gradients", Minimum = 0, Maximum = 0.99999)]
    public double Beta2 { get; init; } = 0.99;

    /// <summary>Images that are computed together; a step adds up the gradients of its parts.</summary>
    [Setting("images that are computed together, which bounds the memory; a step sums up its parts; 0 for all at once", Minimum = 0, ChangeableOnResume = true)]
    public int PartSize { get; init; }

    /// <summary>Half-life of the average that is sampled.</summary>
    [Setting("half-life of the averaged generator, in thousands of images", Minimum = 0.001)]
    public double AverageKimg { get; init; } = 10;

    /// <summary>The half-life at the beginning of a training, as a share of the images shown so far; 0 for the same throughout.</summary>
    [Setting("half-life of the average at the beginning, as a share of the images shown; 0 for the same throughout", Minimum = 0, Maximum = 1)]
    public double AverageRamp { get; init; }
}

/// <summary>The random changes that the discriminator sees its images under: <c>augmentation.*</c>.</summary>
/// <remarks>Karras et al., "Training Generative Adversarial Networks with Limited Data" (2020).</remarks>
public sealed record AugmentationSettings
{
    /// <summary>Which changes.</summary>
    [Setting("which changes of its images the discriminator sees; blitGeometryColour is what the paper trains with")]
    public AugmentationGroups Groups { get; init; } = AugmentationGroups.None;

    /// <summary>A strength that stays; null for one that adapts.</summary>
    [Setting("how likely each change is, always; none for a strength that adapts", Minimum = 0, Maximum = 1)]
    public double? Strength { get; init; }

    /// <summary>The mean sign of the scores of real images that is aimed at.</summary>
    [Setting("adapting: the mean sign of the scores of real images that is aimed at", Minimum = -0.99, Maximum = 0.99, ChangeableOnResume = true)]
    public double Target { get; init; } = 0.6;

    /// <summary>In how many thousand images the strength gets from 0 to 1.</summary>
    [Setting("adapting: in how many thousand images the strength gets from 0 to 1", Minimum = 0.001, ChangeableOnResume = true)]
    public double Kimg { get; init; } = 500;

    /// <summary>Steps between two moves of the strength.</summary>
    [Setting("adapting: steps between two moves of the strength", Minimum = 1)]
    public int Interval { get; init; } = 4;
}
