using Subband.Data;
using Subband.Training;

namespace Subband.Models.Lapgan;

/// <summary>
/// The named configurations. A plain name is what we recommend; <c>-paper</c> is faithful to the paper or the authors'
/// release, and <c>docs/lapgan.md</c> lists each choice where those two disagree.
/// </summary>
internal static class LapganPresets
{
    // train_cifar_coarse_to_fine.lua: SGD 0.02, momentum from 0.5 by 0.0008 an epoch to 0.7, half batches of 64. An epoch is
    // 45,000 real images, which are half of those shown.
    private static readonly LapganSettings Paper = new()
    {
        Normalization = Normalization.Standardize,
        Loss = new LossSettings { HalfBatches = true },
        Optimizer = new OptimizerSettings { Decay = 4e-6, MomentumStep = 0.0008, EpochImages = 90_000 },
        Training = new TrainingSettings { Order = BatchOrder.WithReplacement, Flip = false },
    };

    public static IReadOnlyList<Preset> All { get; } =
    [
        new Preset(
            "lapgan-cifar10",
            "Class-conditional, 8 to 16 to 32 pixels, with modern networks and losses: what we recommend.",
            new LapganSettings
            {
                Conditional = true,
                Base = new BaseSettings
                {
                    Architecture = BaseArchitecture.Residual,
                    GeneratorWidths = [96],
                    DiscriminatorWidths = [128],
                },
                Band = new BandSettings
                {
                    Architecture = Architecture.Residual,
                    NoisePlanes = 4,
                    GeneratorWidths = [32, 48],
                    DiscriminatorWidths = [32, 48],
                    ConditionNoise = 0.1,
                },
                Loss = new LossSettings { Kind = AdversarialLossKind.NonSaturating, R1 = 0.1, R1Interval = 16 },
                Optimizer = new OptimizerSettings
                {
                    Kind = OptimizerKind.Adam,
                    GeneratorRate = 1e-3,
                    DiscriminatorRate = 1e-3,
                    Beta1 = 0,
                    AverageKimg = 20,
                },
                Training = new TrainingSettings { BatchSize = 32 }, // an image costs a CPU the same in a small batch
            }),
        new Preset(
            "lapgan-cifar10-paper",
            "The paper's networks and training, 8 to 16 to 32 pixels as in the released scripts.",
            Paper),
        new Preset(
            "lapgan-cifar10-paper-28",
            "The paper's networks and training on 28-pixel crops, 8 to 14 to 28 pixels as in the paper.",
            Paper with
            {
                Pyramid = new PyramidSettings { Sizes = [28, 14, 8], CropFrom = 32 },
                Band = new BandSettings { GeneratorWidths = [128, 64], DiscriminatorWidths = [128, 64], Kernels = [7, 5] },
            }),
        new Preset(
            "lapgan-cifar10-paper-cc",
            "The paper's class-conditional networks, 8 to 16 to 32 pixels.",
            Paper with
            {
                Conditional = true,
                // train_cifar_classcond.lua: ReLU throughout, the layers' own initial values, decay 4e-5.
                Base = new BaseSettings
                {
                    Activation = HiddenActivation.Relu,
                    GeneratorDeviation = 0,
                    DiscriminatorDeviation = 0,
                },
                Optimizer = Paper.Optimizer with { Decay = 4e-5, Momentum = 0 },
            }),
        new Preset(
            "lapgan-stl10-paper",
            "The paper's STL pyramid, 8 to 16 to 32 to 64 to 96 pixels.",
            Paper with
            {
                Pyramid = new PyramidSettings { Sizes = [96, 64, 32, 16, 8] },
                Optimizer = Paper.Optimizer with { EpochImages = 200_000 }, // as for CIFAR-10: 100,000 real images
            }),
        new Preset(
            "lapgan-lsun-paper",
            "The released LSUN networks, 4 to 8 to 16 to 32 to 64 pixels.",
            Paper with
            {
                Pyramid = new PyramidSettings { Sizes = [64, 32, 16, 8, 4], CropFrom = 96 },
                Base = new BaseSettings { GeneratorWidths = [100, 100], DiscriminatorWidths = [100, 100] },
                Band = new BandSettings { Architecture = Architecture.Large },
                Optimizer = new OptimizerSettings
                {
                    GeneratorRate = 0.01,
                    DiscriminatorRate = 0.01,
                    Decay = 4e-6,
                    Momentum = 0,
                    MomentumStep = 0.0008,
                    EpochImages = 640_000,
                },
                Normalization = Normalization.Range,
                Training = Paper.Training with { Flip = true },
            }),
        new Preset(
            "gan-cifar10-paper",
            "The paper's baseline: one fully connected GAN at 32 pixels, without a pyramid.",
            Paper with
            {
                Pyramid = new PyramidSettings { Sizes = [32] },
                Base = new BaseSettings { GeneratorWidths = [8000, 8000], DiscriminatorWidths = [1600, 1600] },
                Optimizer = Paper.Optimizer with { Momentum = 0 },
                Training = Paper.Training with { BatchSize = 100 },
            }),
    ];
}
