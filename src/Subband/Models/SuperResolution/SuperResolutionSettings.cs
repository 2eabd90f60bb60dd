using Subband.Data;
using Subband.Models.Features;
using Subband.Training;

namespace Subband.Models.SuperResolution;

/// <summary>What a training of super-resolution makes small.</summary>
public enum PixelLoss
{
    /// <summary>The mean absolute difference: RDN, RCAN.</summary>
    Absolute,

    /// <summary>The mean squared difference: SRCNN, SRResNet.</summary>
    Squared,

    /// <summary>Half the sum of squared differences of an image, averaged over the images: VDSR.</summary>
    SquaredSum,
}

/// <summary>The rule of an optimisation step.</summary>
public enum OptimizerKind
{
    /// <summary>Adam.</summary>
    Adam,

    /// <summary>Gradient descent with momentum.</summary>
    Sgd,

    /// <summary>Muon for the filters between the first image and the last convolution, Adam for what else there is.</summary>
    Muon,
}

/// <summary>How the learning rate falls.</summary>
public enum RateSchedule
{
    /// <summary>Not at all.</summary>
    Constant,

    /// <summary>Multiplied by <see cref="OptimizerSettings.DecayFactor"/> after every <see cref="OptimizerSettings.DecayKimg"/>.</summary>
    Stepped,

    /// <summary>Along half a cosine to nothing at <see cref="OptimizerSettings.DecayKimg"/>.</summary>
    Cosine,
}

/// <summary>What gradients are kept from growing beyond.</summary>
public enum ClipKind
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Each value beyond clip / learning rate: VDSR's adjustable clipping, at which no value moves by more than clip.</summary>
    Value,

    /// <summary>The length of all of them together beyond clip.</summary>
    Norm,
}

/// <summary>All settings of a network for super-resolution and of its training.</summary>
public sealed record SuperResolutionSettings : ModelSettings
{
    /// <summary>The network.</summary>
    public NetworkSettings Network { get; init; } = new();

    /// <summary>The patches that it is shown.</summary>
    public PatchSettings Patch { get; init; } = new();

    /// <summary>What is made small.</summary>
    public LossSettings Loss { get; init; } = new();

    /// <summary>The discriminator, where there is one.</summary>
    public AdversarySettings Adversary { get; init; } = new();

    /// <summary>How.</summary>
    public OptimizerSettings Optimizer { get; init; } = new();

    /// <summary>On what it is measured meanwhile.</summary>
    public ValidationSettings Validation { get; init; } = new();
}

/// <summary>The patches that a network is shown: <c>patch.*</c>.</summary>
public sealed record PatchSettings
{
    /// <summary>The side of what the network is given.</summary>
    [Setting("side in pixels of what the network is given: of the small patch, or of the enlarged one for srcnn and vdsr", Minimum = 8, Maximum = 1024)]
    public int Size { get; init; } = 48;

    /// <summary>Whether patches are also turned by quarter turns.</summary>
    [Setting("whether patches are also turned upside down and transposed at random")]
    public bool Turn { get; init; } = true;

    /// <summary>At which sizes photographs are shown, as parts of their own.</summary>
    [Setting("at which sizes photographs are shown, as parts of their own, such as 1,0.8,0.6: more to learn from where there are few", Minimum = CoarseImages.LeastSize, Maximum = 1)]
    public IReadOnlyList<double> Sizes { get; init; } = [1];

    /// <summary>How photographs become small.</summary>
    [Setting("how photographs become small: bicubic, as in the literature, or aliased, as in the course notes")]
    public Degradation Degradation { get; init; } = Degradation.Bicubic;
}

/// <summary>What is made small: <c>loss.*</c>.</summary>
public sealed record LossSettings
{
    /// <summary>The difference of pixels.</summary>
    [Setting("the difference of pixels that is made small")]
    public PixelLoss Pixel { get; init; } = PixelLoss.Absolute;

    /// <summary>Its weight beside the content and the adversary.</summary>
    [Setting("weight of the difference of pixels", Minimum = 0, ChangeableOnResume = true)]
    public double PixelWeight { get; init; } = 1;

    /// <summary>A model whose pictures are learnt from, see <see cref="SuperResolution.Teacher"/>; empty for photographs alone.</summary>
    [Setting("a model whose enlarged pictures stand in the place of photographs, such as rdn; none when empty", ChangeableOnResume = true, IsPlace = true)]
    public string Teacher { get; init; } = "";

    /// <summary>How much of what is learnt from is the teacher's picture; the rest is the photograph.</summary>
    [Setting("share of the teacher's picture in what is learnt from; the rest is the photograph", Minimum = 0, Maximum = 1, ChangeableOnResume = true)]
    public double TeacherShare { get; init; } = 1;

    /// <summary>The weight of the difference of features.</summary>
    [Setting("weight of the difference of a feature network's features; 0 for none", Minimum = 0, ChangeableOnResume = true)]
    public double ContentWeight { get; init; }

    /// <summary>The weight of what the discriminator says; 0 for no discriminator.</summary>
    [Setting("weight of what a discriminator says; 0 for none", Minimum = 0)]
    public double AdversarialWeight { get; init; }

    /// <summary>The file of the feature network.</summary>
    [Setting("file of a VGG19 or SqueezeNet 1.1 with torchvision's names, for contentWeight", ChangeableOnResume = true, IsPlace = true)]
    public string Features { get; init; } = "";

    /// <summary>VGG19: which features.</summary>
    [Setting("features of a VGG19 that are compared")]
    public VggLayer FeatureLayer { get; init; } = VggLayer.Vgg54;

    /// <summary>VGG19: whether features are taken after the activation.</summary>
    [Setting("whether features of a VGG19 are taken after the activation, as in SRGAN's paper")]
    public bool AfterActivation { get; init; } = true;

    /// <summary>
    /// What of a network's border is left out of the loss: SRCNN's patches have none, since its authors' convolutions had no
    /// padding. In use the network then sees so many pixels more, the outermost again.
    /// </summary>
    [Setting("pixels at each side of a patch that the loss leaves out, and that the network sees beyond a picture's edge", Minimum = 0, Maximum = 256)]
    public int Border { get; init; }
}

/// <summary>SRGAN's discriminator: <c>adversary.*</c>.</summary>
public sealed record AdversarySettings
{
    /// <summary>Channels of its first convolution.</summary>
    [Setting("channels of the discriminator's first convolution", Minimum = 1, Maximum = 1024)]
    public int Width { get; init; } = 64;

    /// <summary>Units of its first dense layer.</summary>
    [Setting("units of the discriminator's first dense layer", Minimum = 1, Maximum = 65_536)]
    public int Hidden { get; init; } = 1024;

    /// <summary>Its learning rate at the start; it falls as the generator's does.</summary>
    [Setting("the discriminator's learning rate at the start", Minimum = 0, ChangeableOnResume = true)]
    public double Rate { get; init; } = 1e-4;
}

/// <summary>How it is made small: <c>optimizer.*</c>.</summary>
public sealed record OptimizerSettings
{
    /// <summary>A model of the same network, or of one for another scale, from which the weights start; empty for none.</summary>
    [Setting("a model from which the weights start, as SRGAN's do from SRResNet's; none when empty", ChangeableOnResume = true, IsPlace = true)]
    public string StartFrom { get; init; } = "";

    /// <summary>The rule of the step.</summary>
    [Setting("the rule of the step")]
    public OptimizerKind Kind { get; init; } = OptimizerKind.Adam;

    /// <summary>The learning rate at the start.</summary>
    [Setting("the learning rate at the start", Minimum = 0, ChangeableOnResume = true)]
    public double Rate { get; init; } = 1e-4;

    /// <summary>By what the rate of the last convolution is multiplied: 0.1 in SRCNN.</summary>
    [Setting("by what the rate of the last convolution is multiplied", Minimum = 0, ChangeableOnResume = true)]
    public double LastLayerFactor { get; init; } = 1;

    /// <summary>By what the rate of the other layers' biases, and of all else that is no matrix, is multiplied.</summary>
    [Setting("by what the rate of the other layers' biases is multiplied", Minimum = 0, ChangeableOnResume = true)]
    public double BiasFactor { get; init; } = 1;

    /// <summary>How the rate falls.</summary>
    [Setting("how the rate falls", ChangeableOnResume = true)]
    public RateSchedule Schedule { get; init; } = RateSchedule.Constant;

    /// <summary>Stepped: between two falls; cosine: until it is nothing.</summary>
    [Setting("stepped: thousands of images between two falls; cosine: until the rate is nothing", Minimum = 0.001, ChangeableOnResume = true)]
    public double DecayKimg { get; init; } = 1000;

    /// <summary>Stepped: by what the rate is multiplied at each fall.</summary>
    [Setting("stepped: by what the rate is multiplied at each fall", Minimum = 0, Maximum = 1, ChangeableOnResume = true)]
    public double DecayFactor { get; init; } = 0.5;

    /// <summary>Thousands of images over which the rate rises from nothing at the start.</summary>
    [Setting("thousands of images over which the rate rises from nothing at the start", Minimum = 0, ChangeableOnResume = true)]
    public double WarmUpKimg { get; init; }

    /// <summary>Adam: the share of the past in the mean of gradients.</summary>
    [Setting("adam: share of the past in the mean of gradients", Minimum = 0, Maximum = 0.9999)]
    public double Beta1 { get; init; } = 0.9;

    /// <summary>Adam: the share of the past in the mean of squared gradients.</summary>
    [Setting("adam: share of the past in the mean of squared gradients", Minimum = 0, Maximum = 0.99999)]
    public double Beta2 { get; init; } = 0.999;

    /// <summary>SGD and Muon: the momentum.</summary>
    [Setting("sgd and muon: momentum", Minimum = 0, Maximum = 0.999)]
    public double Momentum { get; init; } = 0.9;

    /// <summary>How much of each weight is added to its gradient; under Muon, what share of it a step of rate 1 takes away.</summary>
    [Setting("how much of each weight is added to its gradient; muon: what share of it a step of rate 1 takes away", Minimum = 0)]
    public double WeightDecay { get; init; }

    /// <summary>What is clipped.</summary>
    [Setting("what of the gradients is clipped", ChangeableOnResume = true)]
    public ClipKind ClipKind { get; init; } = ClipKind.None;

    /// <summary>The bound.</summary>
    [Setting("value: what no weight moves by more than in a step; norm: the greatest length of all gradients", Minimum = 1e-12, ChangeableOnResume = true)]
    public double Clip { get; init; } = 0.01;

    /// <summary>How often filters that no pixel activates get new weights, see <see cref="DormantFilters"/>; 0 for never.</summary>
    [Setting(
        "srcnn, vdsr: every how many thousands of images, and at the start, filters that no pixel activates get new weights; 0 for never",
        Minimum = 0, ChangeableOnResume = true)]
    public double ReviveKimg { get; init; }

    /// <summary>The half-life of the averaged network that is used afterwards; 0 for none.</summary>
    [Setting("half-life of the averaged network that is used afterwards, in thousands of images; 0 for no averaging", Minimum = 0)]
    public double AverageKimg { get; init; }
}

/// <summary>On what a network is measured while it is trained: <c>validation.*</c>.</summary>
public sealed record ValidationSettings
{
    /// <summary>The photographs; empty for none.</summary>
    [Setting("photographs on which the network is measured meanwhile, a SOURCE; none when empty", ChangeableOnResume = true, IsPlace = true)]
    public string Data { get; init; } = "";

    /// <summary>How many of them, from the first.</summary>
    [Setting("how many of the photographs are measured", Minimum = 1, ChangeableOnResume = true)]
    public int Count { get; init; } = 16;

    /// <summary>The network of LPIPS: torchvision's AlexNet, SqueezeNet 1.1 or VGG16; empty to do without.</summary>
    [Setting("the network of LPIPS, such as alexnet-owt-7be5be79.pth; LPIPS is not measured when empty", ChangeableOnResume = true, IsPlace = true)]
    public string Features { get; init; } = "";

    /// <summary>The linear weights of LPIPS for that network; empty to do without.</summary>
    [Setting("the linear weights of LPIPS for that network, such as lpips_alex.pth", ChangeableOnResume = true, IsPlace = true)]
    public string LpipsWeights { get; init; } = "";
}
