using Subband.Data;
using Subband.Training;

namespace Subband.Models.SuperResolution;

/// <summary>
/// The named configurations. A plain name is what two processor cores train in an hour or two; <c>-paper</c> is the network and the
/// training of the paper, and <c>docs/super-resolution.md</c> lists where papers are silent.
/// </summary>
internal static class SuperResolutionPresets
{
    /// <summary>The mean colour of DIV2K's training photographs, as RCAN and EDSR subtract it.</summary>
    public static readonly double[] Div2kMean = [0.4488, 0.4371, 0.4040];

    /// <summary>The number that stands for white in the networks that were trained on bytes.</summary>
    public const double Bytes = 255;

    // What all quick ones share: a rate that rises quickly and falls to nothing, and an average of the last part.
    private static readonly OptimizerSettings Quick = new()
    {
        Rate = 1e-3,
        Schedule = RateSchedule.Cosine,
        WarmUpKimg = 2,
        ClipKind = ClipKind.Norm,
        Clip = 1,
        AverageKimg = 4,
    };

    private static readonly TrainingSettings QuickTraining = new()
    {
        BatchSize = 16,
        CheckpointKimg = 10,
        SampleKimg = 20,
        ReportKimg = 2,
    };

    // Of a few hundred photographs a network learns the detail by heart, unless it sees them at other sizes too.
    private static readonly double[] SeveralSizes = [1, 0.9, 0.8, 0.7, 0.6];

    private static readonly PatchSettings SmallPatches = new() { Size = 24, Sizes = SeveralSizes };

    private static readonly NetworkSettings Srcnn = new() { Kind = NetworkKind.Srcnn, Colour = ImageColour.Y };

    private static readonly NetworkSettings Vdsr = new() { Kind = NetworkKind.Vdsr, Scales = [2, 3, 4], Colour = ImageColour.Y, Initial = InitialWeights.He };

    private static readonly NetworkSettings Rdn = new() { Kind = NetworkKind.Rdn, Blocks = 16, Layers = 8, Growth = 64, Mean = Div2kMean, Range = Bytes };

    private static readonly NetworkSettings Rcan = new() { Kind = NetworkKind.Rcan, Groups = 10, Blocks = 20, Mean = Div2kMean, Range = Bytes };

    // As far as SRCNN's filters of 9, 5 and 5 reach.
    private const int SrcnnBorder = 8;

    // At x4 the paper's tail, 64 channels at all sizes, would cost as much as the rest of a small network.
    private const int NarrowTail = 16;

    private static readonly NetworkSettings SmallRdn = Rdn with
    {
        Blocks = 4,
        Layers = 4,
        Growth = 32,
        TailWidth = NarrowTail,
        Band = true,
        Mean = [],
        Range = 1,
    };

    private static readonly NetworkSettings SmallSrResNet = new() { Kind = NetworkKind.SrResNet, Blocks = 16, Width = 48, TailWidth = NarrowTail };

    private static readonly SuperResolutionSettings Notes = new()
    {
        Network = new NetworkSettings { Kind = NetworkKind.Srcnn, Widths = [128, 64], Initial = InitialWeights.Glorot },
        Patch = new PatchSettings { Size = 96, Turn = false },
        Loss = new LossSettings { Pixel = PixelLoss.Squared },
        Optimizer = new OptimizerSettings { Rate = 1e-3 },
        Training = new TrainingSettings { BatchSize = 16, Kimg = 100, CheckpointKimg = 10, SampleKimg = 20, ReportKimg = 1, Flip = false },
    };

    public static IReadOnlyList<Preset> All { get; } = [.. OfTheNotes(), .. OfTwoCores(), .. OfThePapers()];

    private static IEnumerable<Preset> OfTheNotes() =>
    [
        new Preset(
            "srcnn-notes",
            "The course notes' SRCNN as they have it: 9-5-5, 128-64 filters on RGB, trained on images made small without smoothing.",
            Notes with
            {
                Network = Notes.Network with { Enlargement = Imaging.ResamplingKernel.SharpBicubic }, // cv2.INTER_CUBIC
                Patch = Notes.Patch with { Degradation = Degradation.Aliased },
                Training = Notes.Training with { Kimg = 0.8, CheckpointKimg = 0.4, SampleKimg = 0.4, ReportKimg = 0.1 },
            }),
        new Preset(
            "srcnn-notes-corrected",
            "The course notes' SRCNN trained on what it will be given: smoothed small images, and for longer.",
            Notes),
    ];

    private static IEnumerable<Preset> OfTwoCores() =>
    [
        new Preset(
            "srcnn",
            "SRCNN 9-5-5, 64-32 filters, on the brightness of an enlarged image.",
            new SuperResolutionSettings
            {
                Network = Srcnn with { Initial = InitialWeights.He },
                Patch = new PatchSettings { Size = 64, Sizes = SeveralSizes },
                Loss = new LossSettings { Pixel = PixelLoss.Absolute, Border = SrcnnBorder },
                Optimizer = Quick with
                {
                    Kind = OptimizerKind.Muon,
                    Rate = 1.5e-3,
                    Momentum = 0.95,
                    LastLayerFactor = 0.2,
                    ReviveKimg = 10,
                    DecayKimg = 200,
                },
                Training = QuickTraining with { Kimg = 200 },
            }),
        new Preset(
            "vdsr",
            "VDSR: twenty convolutions that compute what the brightness of an enlarged image lacks; one network for x2, x3 and x4.",
            new SuperResolutionSettings
            {
                Network = Vdsr,
                Patch = new PatchSettings { Size = 64, Sizes = SeveralSizes },
                Loss = new LossSettings { Pixel = PixelLoss.Absolute },
                Optimizer = Quick with { DecayKimg = 150 },
                Training = QuickTraining with { BatchSize = 8, Kimg = 150 },
            }),
        new Preset(
            "rdn",
            "A small RDN: four residual dense blocks of four narrow convolutions (D4 C4 G32), and a narrow tail; it computes the missing band.",
            Small(SmallRdn, 400)),
        new Preset(
            "rcan",
            "A small RCAN: three groups of five residual blocks with channel attention, 48 channels, a narrow tail; it computes the missing band.",
            Small(Rcan with { Groups = 3, Blocks = 5, Width = 48, TailWidth = NarrowTail, Band = true, Mean = [], Range = 1 })),
        new Preset(
            "edsr",
            "SRResNet without batch norm, as EDSR has it: sixteen residual blocks of 48 channels, a narrow tail; it computes the missing band.",
            Small(SmallSrResNet with { BatchNorm = false, Band = true })),
        new Preset(
            "srresnet",
            "A small SRResNet: sixteen residual blocks of 48 channels with batch norm, and a narrow tail.",
            Small(SmallSrResNet) with { Loss = new LossSettings { Pixel = PixelLoss.Squared } }),
        new Preset(
            "srgan",
            "The small RDN trained against a discriminator, for images that look sharp; start it from rdn.",
            new SuperResolutionSettings
            {
                Network = SmallRdn,
                Patch = SmallPatches,
                Loss = new LossSettings { Pixel = PixelLoss.Absolute, PixelWeight = 0.1, ContentWeight = 1, AdversarialWeight = 5e-3 },
                Adversary = new AdversarySettings { Width = 32, Hidden = 256 },
                Optimizer = new OptimizerSettings { Schedule = RateSchedule.Cosine, DecayKimg = 100, AverageKimg = 4 },
                Training = QuickTraining with { Kimg = 100 },
            }),
    ];

    // What works on the small image, and is trained for an hour of one core.
    private static SuperResolutionSettings Small(NetworkSettings network, int kimg = 250) => new()
    {
        Network = network,
        Patch = SmallPatches,
        Optimizer = Quick with { DecayKimg = kimg },
        Training = QuickTraining with { Kimg = kimg },
    };

    private static IEnumerable<Preset> OfThePapers() =>
    [
        new Preset(
            "srcnn-paper",
            "SRCNN 9-5-5 as in the paper: gradient descent, patches of 33, weights of deviation 0.001.",
            new SuperResolutionSettings
            {
                Network = Srcnn with { Initial = InitialWeights.Gaussian },
                Patch = new PatchSettings { Size = 33, Turn = false },
                Loss = new LossSettings { Pixel = PixelLoss.Squared, Border = SrcnnBorder },
                Optimizer = new OptimizerSettings { Kind = OptimizerKind.Sgd, LastLayerFactor = 0.1 },
                Training = new TrainingSettings { BatchSize = 128, Kimg = 800_000, CheckpointKimg = 1000, SampleKimg = 1000, ReportKimg = 100, Flip = false },
            }),
        new Preset(
            "vdsr-paper",
            "VDSR as in the paper: gradient descent at a rate of 0.1 with adjustable clipping.",
            new SuperResolutionSettings
            {
                Network = Vdsr,
                Patch = new PatchSettings { Size = 41 },
                Loss = new LossSettings { Pixel = PixelLoss.SquaredSum },
                Optimizer = new OptimizerSettings
                {
                    Kind = OptimizerKind.Sgd,
                    Rate = 0.1,
                    WeightDecay = 1e-4,
                    Schedule = RateSchedule.Stepped,
                    DecayKimg = 15_000,
                    DecayFactor = 0.1,
                    ClipKind = ClipKind.Value,
                    Clip = 0.01,
                },
                Training = new TrainingSettings { BatchSize = 64, Kimg = 60_000, CheckpointKimg = 100, SampleKimg = 500, ReportKimg = 20 },
            }),
        new Preset(
            "rdn-paper",
            "RDN with sixteen residual dense blocks of eight convolutions (D16 C8 G64).",
            Large(Rdn, 32)),
        new Preset(
            "rdn-a-paper",
            "RDN with twenty residual dense blocks of six narrow convolutions (D20 C6 G32).",
            Large(Rdn with { Blocks = 20, Layers = 6, Growth = 32 }, 32)),
        new Preset(
            "rcan-paper",
            "RCAN: ten groups of twenty residual blocks with channel attention.",
            Large(Rcan, 48)),
        new Preset(
            "srresnet-paper",
            "SRResNet: sixteen residual blocks with batch norm, for the least squared error.",
            new SuperResolutionSettings
            {
                Network = new NetworkSettings { Kind = NetworkKind.SrResNet },
                Patch = new PatchSettings { Size = 24, Turn = false },
                Loss = new LossSettings { Pixel = PixelLoss.Squared },
                Training = new TrainingSettings { BatchSize = 16, Kimg = 16_000, CheckpointKimg = 50, SampleKimg = 100, ReportKimg = 5, Flip = false },
            }),
        new Preset(
            "srgan-paper",
            "SRGAN: srresnet-paper trained on for VGG19's features and against a discriminator.",
            new SuperResolutionSettings
            {
                Network = new NetworkSettings { Kind = NetworkKind.SrResNet },
                Patch = new PatchSettings { Size = 24, Turn = false },
                Loss = new LossSettings { Pixel = PixelLoss.Squared, PixelWeight = 0, ContentWeight = 1, AdversarialWeight = 1e-3 },
                Optimizer = new OptimizerSettings { Schedule = RateSchedule.Stepped, DecayKimg = 1600, DecayFactor = 0.1 },
                Training = new TrainingSettings { BatchSize = 16, Kimg = 3200, CheckpointKimg = 50, SampleKimg = 100, ReportKimg = 5, Flip = false },
            }),
    ];

    // RDN and RCAN: Adam at 1e-4, halved every 200,000 steps of 16 patches; a million steps.
    private static SuperResolutionSettings Large(NetworkSettings network, int patch) => new()
    {
        Network = network,
        Patch = new PatchSettings { Size = patch },
        Optimizer = new OptimizerSettings { Schedule = RateSchedule.Stepped, DecayKimg = 3200 },
        Training = new TrainingSettings { BatchSize = 16, Kimg = 16_000, CheckpointKimg = 50, SampleKimg = 100, ReportKimg = 5 },
    };
}
