using Subband.Training;

namespace Subband.Models.StyleGan2;

/// <summary>
/// The named configurations: a name and a size is the papers' width (configuration F) and training, <c>-small</c> what two processor cores can
/// train.
/// </summary>
internal static class StyleGan2Presets
{
    private const int Base = 4;

    private static readonly int[] Sizes = [32, 64, 128, 256, 512, 1024];
    private static readonly int[] SmallSizes = [32, 64, 128];

    public static IReadOnlyList<Preset> All { get; } =
    [
        .. Sizes.Select(size => new Preset($"swagan-{size}", $"SWAGAN at {size} pixels in the paper's width.", Large(size, PixelDomain.Wavelet))),
        .. Sizes.Select(size => new Preset($"stylegan2-{size}", $"StyleGAN2 at {size} pixels in the paper's width.", Large(size, PixelDomain.Image))),
        .. SmallSizes.Select(size => new Preset(
            $"swagan-{size}-small", $"SWAGAN at {size} pixels, narrow enough for two processor cores.", Small(size, PixelDomain.Wavelet))),
        new Preset("swagan-cifar10", "The small SWAGAN at 32 pixels, told the class.", Small(32, PixelDomain.Wavelet) with { Conditional = true }),
        .. SmallSizes.Select(size => new Preset(
            $"stylegan2-{size}-small", $"StyleGAN2 at {size} pixels, narrow enough for two processor cores.", Small(size, PixelDomain.Image))),
    ];

    // Karras et al. 2020, configuration F: 32 images in a step, 25,000 kimg.
    private static StyleGan2Settings Large(int size, PixelDomain domain) => new()
    {
        Network = new NetworkSettings { Generator = domain, Discriminator = domain, Doublings = Doublings(size) },
        Optimizer = new OptimizerSettings { PartSize = PartSize(domain == PixelDomain.Wavelet ? size / 2 : size) },
        Training = new TrainingSettings { BatchSize = 32, Kimg = 25_000, CheckpointKimg = 100, SampleKimg = 100, ReportKimg = 1 },
    };

    // In much of NVlabs/stylegan2-ada-pytorch's configuration for CIFAR-10: no mixing, no path lengths, two layers of mapping.
    private static StyleGan2Settings Small(int size, PixelDomain domain) => new()
    {
        Network = new NetworkSettings
        {
            Generator = domain,
            Discriminator = domain,
            Doublings = Doublings(size),
            StyleWidth = 128,
            MappingLayers = 2,
            ChannelMultiplier = 0.25,
            MostChannels = 96,
        },
        Loss = new LossSettings { R1Rule = R1Rule.Automatic, PathLength = 0, StyleMixing = 0 },
        Optimizer = new OptimizerSettings { GeneratorRate = 0.0025, DiscriminatorRate = 0.0025, AverageKimg = 20, AverageRamp = 0.05 },
        Training = new TrainingSettings { BatchSize = 32, Kimg = 2_000, CheckpointKimg = 20, SampleKimg = 20, ReportKimg = 1 },
    };

    private static int Doublings(int size) => int.Log2(size / Base);

    // So that a step with its penalties takes at most about 6 GiB, as far as groups of four images allow. It is the largest features that fill it, and
    // in a SWAGAN their side is that of the bands.
    private static int PartSize(int side) => side switch
    {
        <= 32 => 32,
        64 => 16,
        128 => 8,
        _ => StyleGan2Discriminator.MostInGroup,
    };
}
