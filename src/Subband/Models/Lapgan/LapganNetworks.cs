using Subband.Torch;
using Subband.Torch.Modules;

namespace Subband.Models.Lapgan;

/// <summary>Makes the networks that the settings describe, level by level.</summary>
internal static class LapganNetworks
{
    // The release's model `full`, for bands too small for its convolutions.
    private const double SmallBandDropout = 0.5;
    private static readonly int[] SmallBandGenerator = [1024, 1024, 1024];
    private static readonly int[] SmallBandDiscriminator = [512, 512, 512];

    /// <summary>Of which kind the networks of a level are: fully connected where a band is too small for the convolutions asked for.</summary>
    public static Architecture ArchitectureOf(LapganSettings settings, int level)
    {
        var size = settings.Pyramid.Sizes[level];
        if (level == settings.Pyramid.Sizes.Count - 1)
        {
            return settings.Base.Architecture == BaseArchitecture.Residual ? Architecture.Residual : Architecture.FullyConnected;
        }

        return settings.Band.Architecture switch
        {
            Architecture.Plain when size < PlainDiscriminator.SmallestSize => Architecture.FullyConnected, // only in older models
            Architecture.Large when size < LargeDiscriminator.SmallestSize => Architecture.FullyConnected,
            var asked => asked,
        };
    }

    /// <summary>G_k.</summary>
    /// <param name="settings">All settings.</param>
    /// <param name="level">k, 0 the finest.</param>
    /// <param name="classes">The number of classes; 0 when the model is not class-conditional.</param>
    /// <param name="random">Where the initial values come from, on the CPU.</param>
    /// <param name="noise">Where dropout comes from, on the training device.</param>
    public static LevelGenerator Generator(
        LapganSettings settings, int level, int classes, Generator random, Generator noise)
    {
        var size = settings.Pyramid.Sizes[level];
        var band = settings.Band;
        if (level == settings.Pyramid.Sizes.Count - 1)
        {
            return BaseGenerator(settings.Base, size, classes, random, noise);
        }

        var width = At(band.GeneratorWidths, level);
        return ArchitectureOf(settings, level) switch
        {
            Architecture.Plain =>
                new PlainGenerator(size, width, At(band.Kernels, level), band.NoisePlanes, classes, random),
            Architecture.Large => new LargeGenerator(size, band.NoisePlanes, random, noise),
            Architecture.Residual =>
                new ResidualBandGenerator(size, width, band.Blocks, band.NoisePlanes, classes, random),
            _ => new FullyConnectedGenerator(
                size, size * size, SmallBandGenerator, HiddenActivation.Relu, SmallBandDropout, hasLowPass: true, classes, random, noise),
        };
    }

    /// <summary>D_k.</summary>
    /// <inheritdoc cref="Generator"/>
    public static LevelDiscriminator Discriminator(
        LapganSettings settings, int level, int classes, Generator random, Generator noise)
    {
        var size = settings.Pyramid.Sizes[level];
        if (level == settings.Pyramid.Sizes.Count - 1)
        {
            return BaseDiscriminator(settings, size, classes, random, noise);
        }

        var width = At(settings.Band.DiscriminatorWidths, level);
        return ArchitectureOf(settings, level) switch
        {
            Architecture.Plain => new PlainDiscriminator(size, width, classes, random, noise),
            Architecture.Large => new LargeDiscriminator(size, random),
            Architecture.Residual => new StridedDiscriminator(
                size, hasLowPass: true, width, classes, settings.Loss.SpectralNorm, random),
            _ => new FullyConnectedDiscriminator(
                size, SmallBandDiscriminator, SmallBandDropout, firstDropped: 1, classes, random, noise),
        };
    }

    /// <summary>A list has one number for each level, or one for all.</summary>
    public static int At(IReadOnlyList<int> values, int level) => values.Count == 1 ? values[0] : values[level];

    private static LevelGenerator BaseGenerator(
        BaseSettings settings, int size, int classes, Generator random, Generator noise)
    {
        if (settings.Architecture == BaseArchitecture.Residual)
        {
            return new ResidualBaseGenerator(size, settings.Noise, settings.GeneratorWidths[0], classes, random);
        }

        var network = new FullyConnectedGenerator(
            size, settings.Noise, settings.GeneratorWidths, settings.Activation, dropout: 0, hasLowPass: false, classes, random, noise);
        InitialiseNormally(network, settings.GeneratorDeviation, random);
        return network;
    }

    private static LevelDiscriminator BaseDiscriminator(
        LapganSettings settings, int size, int classes, Generator random, Generator noise)
    {
        var own = settings.Base;
        if (own.Architecture == BaseArchitecture.Residual)
        {
            return new StridedDiscriminator(
                size, hasLowPass: false, own.DiscriminatorWidths[0], classes, settings.Loss.SpectralNorm, random);
        }

        var network = new FullyConnectedDiscriminator(
            size, own.DiscriminatorWidths, own.Dropout, firstDropped: 0, classes, random, noise);
        InitialiseNormally(network, own.DiscriminatorDeviation, random);
        return network;
    }

    private static void InitialiseNormally(Module network, double deviation, Generator random)
    {
        if (deviation > 0)
        {
            HiddenLayers.Initialise(network, deviation, random);
        }
    }
}
