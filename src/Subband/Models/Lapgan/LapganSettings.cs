using Subband.Evaluation;
using Subband.Imaging;
using Subband.Training;

namespace Subband.Models.Lapgan;

/// <summary>The range in which a LAPGAN works.</summary>
public enum Normalization
{
    /// <summary>[-1, 1], as the images come.</summary>
    Range,

    /// <summary>Each colour of each pixel position to mean 0 and deviation 1 over the training images, as in the authors' release.</summary>
    Standardize,
}

/// <summary>The networks of the coarsest level.</summary>
public enum BaseArchitecture
{
    /// <summary>Fully connected layers: the paper's.</summary>
    FullyConnected,

    /// <summary>Residual blocks, and a discriminator of strided convolutions that projects the class.</summary>
    Residual,
}

/// <summary>The networks of a level.</summary>
public enum Architecture
{
    /// <summary>Fully connected layers: the coarsest level of the paper, its baseline, and bands too small for the release's convolutions.</summary>
    FullyConnected,

    /// <summary>Plain stacks of convolutions: the paper's CIFAR-10 and STL levels.</summary>
    Plain,

    /// <summary>Grouped convolutions with batch norm and pooling over feature pairs: the release's LSUN levels.</summary>
    Large,

    /// <summary>Residual blocks at half resolution, and a discriminator of strided convolutions that projects the class.</summary>
    Residual,
}

/// <summary>The activations between the layers of a fully connected generator.</summary>
public enum HiddenActivation
{
    /// <summary>ReLU everywhere, as in the paper.</summary>
    Relu,

    /// <summary>ReLU first and a sigmoid after the second layer, as in the release.</summary>
    ReluSigmoid,
}

/// <summary>How the optimisers of a LAPGAN step.</summary>
public enum OptimizerKind
{
    /// <summary>Stochastic gradient descent with Torch7's momentum, whose dampening equals the momentum.</summary>
    Sgd,

    /// <summary>Adam.</summary>
    Adam,
}

/// <summary>All settings of a LAPGAN.</summary>
public sealed record LapganSettings : ModelSettings
{
    /// <summary>The pyramid.</summary>
    public PyramidSettings Pyramid { get; init; } = new();

    /// <summary>The coarsest level, a plain GAN.</summary>
    public BaseSettings Base { get; init; } = new();

    /// <summary>The finer levels, which generate bands.</summary>
    public BandSettings Band { get; init; } = new();

    /// <summary>What is minimised.</summary>
    public LossSettings Loss { get; init; } = new();

    /// <summary>How it is minimised.</summary>
    public OptimizerSettings Optimizer { get; init; } = new();

    /// <summary>How it is measured meanwhile.</summary>
    public SampleValidationSettings Validation { get; init; } = new();

    /// <summary>Whether every network is told the class.</summary>
    [Setting("whether every network is told the class of the image")]
    public bool Conditional { get; init; }

    /// <summary>The range in which the networks work.</summary>
    [Setting("range: as the images come; standardize: mean 0 and deviation 1 for each colour of each pixel")]
    public Normalization Normalization { get; init; } = Normalization.Range;

    /// <summary>The levels to train, 0 the finest; all when empty.</summary>
    [Setting("levels to train, 0 the finest; all when empty; 'subband export' joins runs of different levels")]
    public IReadOnlyList<int> TrainLevels { get; init; } = [];
}

/// <summary>The pyramid: <c>pyramid.*</c>.</summary>
public sealed record PyramidSettings
{
    /// <summary>Sides of the images in pixels, level 0 (the finest) first.</summary>
    [Setting("sides of the images in pixels, the finest first", Minimum = 1, Maximum = 4096)]
    public IReadOnlyList<int> Sizes { get; init; } = [32, 16, 8];

    /// <summary>The pair of shrinking and enlarging.</summary>
    [Setting("area: area average and corner-aligned linear; binomial: five taps")]
    public PyramidFilter Filter { get; init; } = PyramidFilter.Area;

    /// <summary>The side to which images are brought before they are cropped to the finest size; 0 for no cropping.</summary>
    [Setting("side of the images before a random crop to the finest size; 0 to resize without cropping", Minimum = 0)]
    public int CropFrom { get; init; }
}

/// <summary>The coarsest level: <c>base.*</c>.</summary>
public sealed record BaseSettings
{
    /// <summary>Fully connected or residual.</summary>
    [Setting("networks of the coarsest level")]
    public BaseArchitecture Architecture { get; init; } = BaseArchitecture.FullyConnected;

    /// <summary>Numbers of noise.</summary>
    [Setting("numbers of noise", Minimum = 1)]
    public int Noise { get; init; } = 100;

    /// <summary>Units of the generator's hidden layers; when residual, one number, its channels.</summary>
    [Setting("fullyConnected: units of the generator's hidden layers; residual: its channels, one number", Minimum = 1)]
    public IReadOnlyList<int> GeneratorWidths { get; init; } = [1200, 1200];

    /// <summary>Units of the discriminator's hidden layers; when residual, one number, its channels.</summary>
    [Setting("fullyConnected: units of the discriminator's hidden layers; residual: its channels, one number", Minimum = 1)]
    public IReadOnlyList<int> DiscriminatorWidths { get; init; } = [600, 600];

    /// <summary>Activations of a fully connected generator.</summary>
    [Setting("fullyConnected: activations of the generator")]
    public HiddenActivation Activation { get; init; } = HiddenActivation.ReluSigmoid;

    /// <summary>Probability with which a unit of a fully connected discriminator is dropped.</summary>
    [Setting("fullyConnected: dropout of the discriminator", Minimum = 0, Maximum = 0.99)]
    public double Dropout { get; init; } = 0.5;

    /// <summary>Deviation of a fully connected generator's initial weights; 0 for PyTorch's uniform ones.</summary>
    [Setting("fullyConnected: deviation of the generator's initial weights; 0 for the layers' own", Minimum = 0)]
    public double GeneratorDeviation { get; init; } = 0.05;

    /// <summary>Deviation of a fully connected discriminator's initial weights; 0 for PyTorch's uniform ones.</summary>
    [Setting("fullyConnected: deviation of the discriminator's initial weights; 0 for the layers' own", Minimum = 0)]
    public double DiscriminatorDeviation { get; init; } = 0.005;
}

/// <summary>The levels finer than the coarsest: <c>band.*</c>. A list has one number for each of them, the finest first, or one for all.</summary>
public sealed record BandSettings
{
    /// <summary>Plain, large or residual; or fully connected, as large ones become below 13 pixels.</summary>
    [Setting("networks of the finer levels; large is fullyConnected below 13 pixels")]
    public Architecture Architecture { get; init; } = Architecture.Plain;

    /// <summary>Planes of noise beside the low-pass image; a fully connected generator has one number for each pixel.</summary>
    [Setting("plain, large, residual: planes of noise", Minimum = 1)]
    public int NoisePlanes { get; init; } = 1;

    /// <summary>Channels of a plain or residual generator.</summary>
    [Setting("plain, residual: channels of the generator, the finest level first", Minimum = 1)]
    public IReadOnlyList<int> GeneratorWidths { get; init; } = [64];

    /// <summary>Channels of a plain or residual discriminator.</summary>
    [Setting("plain, residual: channels of the discriminator, the finest level first", Minimum = 1)]
    public IReadOnlyList<int> DiscriminatorWidths { get; init; } = [64];

    /// <summary>Side of the first two filters of a plain generator.</summary>
    [Setting("plain: side of the generator's first two filters, the finest level first", Minimum = 1, Maximum = 31)]
    public IReadOnlyList<int> Kernels { get; init; } = [7];

    /// <summary>Residual blocks of a residual generator.</summary>
    [Setting("residual: blocks of the generator", Minimum = 0, Maximum = 64)]
    public int Blocks { get; init; } = 2;

    /// <summary>
    /// The largest deviation of the noise that is added to the low-pass image while training, drawn anew for each image
    /// from 0 to this; the band is then what is missing from the noisy image, so that a level learns to mend what the
    /// level above really produces. 0 disables it.
    /// </summary>
    [Setting("largest deviation of the noise on the low-pass image while training; 0 for none", Minimum = 0, Maximum = 2)]
    public double ConditionNoise { get; init; }
}

/// <summary>What is minimised: <c>loss.*</c>.</summary>
public sealed record LossSettings
{
    /// <summary>The game between generator and discriminator.</summary>
    [Setting("the game between generator and discriminator")]
    public AdversarialLossKind Kind { get; init; } = AdversarialLossKind.NonSaturating;

    /// <summary>Weight γ of the penalty on the discriminator's gradient at real images; 0 disables it.</summary>
    [Setting("weight of the R1 penalty; 0 for none", Minimum = 0, ChangeableOnResume = true)]
    public double R1 { get; init; }

    /// <summary>Steps between two R1 penalties, whose weight is multiplied by this.</summary>
    [Setting("steps between two R1 penalties", Minimum = 1)]
    public int R1Interval { get; init; } = 16;

    /// <summary>Whether every weight of a discriminator is divided by its spectral norm (residual networks).</summary>
    [Setting("residual: spectral norm in the discriminator")]
    public bool SpectralNorm { get; init; }

    /// <summary>
    /// Whether the discriminator sees half a batch of real and half a batch of generated images, as in the authors' code,
    /// instead of a whole batch of each.
    /// </summary>
    [Setting("whether the discriminator sees half a batch each of real and generated images")]
    public bool HalfBatches { get; init; }

    /// <summary>Differentiable augmentation of all that the discriminator sees.</summary>
    [Setting("augmentation of all that the discriminator sees")]
    public AugmentationPolicy Augmentation { get; init; } = AugmentationPolicy.None;
}

/// <summary>How it is minimised: <c>optimizer.*</c>.</summary>
public sealed record OptimizerSettings
{
    /// <summary>The rule of the step.</summary>
    [Setting("the rule of the step")]
    public OptimizerKind Kind { get; init; } = OptimizerKind.Sgd;

    /// <summary>The generator's rate.</summary>
    [Setting("the generator's learning rate", Minimum = 0, ChangeableOnResume = true)]
    public double GeneratorRate { get; init; } = 0.02;

    /// <summary>The discriminator's rate.</summary>
    [Setting("the discriminator's learning rate", Minimum = 0, ChangeableOnResume = true)]
    public double DiscriminatorRate { get; init; } = 0.02;

    /// <summary>By how much, plus one, the rates are divided after each epoch.</summary>
    [Setting("the rates are divided by 1 + this after each epoch", Minimum = 0, ChangeableOnResume = true)]
    public double Decay { get; init; }

    /// <summary>Images in one epoch of the schedules.</summary>
    [Setting("images in one epoch of the schedules", Minimum = 1)]
    public int EpochImages { get; init; } = 45_000;

    /// <summary>SGD: the momentum at the start.</summary>
    [Setting("sgd: momentum at the start", Minimum = 0, Maximum = 0.999)]
    public double Momentum { get; init; } = 0.5;

    /// <summary>SGD: what is added to the momentum after each epoch.</summary>
    [Setting("sgd: added to the momentum after each epoch", Minimum = 0)]
    public double MomentumStep { get; init; }

    /// <summary>SGD: the largest momentum.</summary>
    [Setting("sgd: the largest momentum", Minimum = 0, Maximum = 0.999)]
    public double MomentumCap { get; init; } = 0.7;

    /// <summary>Adam: the share of the past in the mean of gradients.</summary>
    [Setting("adam: share of the past in the mean of gradients", Minimum = 0, Maximum = 0.9999)]
    public double Beta1 { get; init; } = 0.5;

    /// <summary>Adam: the share of the past in the mean of squared gradients.</summary>
    [Setting("adam: share of the past in the mean of squared gradients", Minimum = 0, Maximum = 0.99999)]
    public double Beta2 { get; init; } = 0.99;

    /// <summary>
    /// The generators that are sampled are running averages of those trained, with this half-life; 0 samples the trained
    /// ones themselves.
    /// </summary>
    [Setting("half-life of the averaged generators, in thousands of images; 0 for no averaging", Minimum = 0)]
    public double AverageKimg { get; init; }
}
