using System.Globalization;
using Subband.Torch;
using Subband.Torch.Optim;

namespace Subband.Models.SuperResolution;

/// <summary>Makes the network that settings describe.</summary>
public static class SuperResolutionNetworks
{
    private const double GaussianDeviation = 0.001;

    /// <summary>Makes a network with its initial weights, on the CPU.</summary>
    /// <param name="settings">Valid ones; see <see cref="SuperResolutionFamily.Validate"/>.</param>
    /// <param name="random">Where the initial values come from, on the CPU.</param>
    public static SuperResolutionNetwork Make(SuperResolutionSettings settings, Generator random)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var own = settings.Network;
        var network = Make(own, random);
        foreach (var (name, parameter) in own.Initial == InitialWeights.Layers ? [] : network.NamedParameters())
        {
            Initialise(own.Initial, name, parameter, random);
        }

        return network;
    }

    /// <summary>
    /// Refuses settings of a network that is larger than the file which is said to hold its weights: before memory is taken for it.
    /// </summary>
    /// <param name="own">The network's, within their ranges.</param>
    /// <param name="path">The file.</param>
    /// <exception cref="SubbandException">It is.</exception>
    internal static void RequireNoLargerThan(NetworkSettings own, string path)
    {
        const double BytesOfNumber = 2; // half precision at least
        var square = 9.0 * own.Width * own.Width;
        var least = own.Kind switch
        {
            NetworkKind.Srcnn => (double)own.Widths[0] * own.Widths[1] * own.Kernels[1] * own.Kernels[1],
            NetworkKind.Vdsr => (own.Layers - 2) * square,
            NetworkKind.Rdn => square + (9.0 * own.Blocks * own.Layers * own.Growth * own.Width),
            NetworkKind.Rcan => 2.0 * own.Groups * own.Blocks * square,
            _ => 2.0 * own.Blocks * square,
        };
        var length = new FileInfo(path).Length;
        if (least * BytesOfNumber > length)
        {
            throw new SubbandException(string.Create(
                CultureInfo.InvariantCulture,
                $"{path} describes a network of at least {least:N0} numbers, which its {length:N0} bytes cannot hold; it is damaged or incomplete."));
        }
    }

    private static SuperResolutionNetwork Make(NetworkSettings own, Generator random)
    {
        var channels = own.Colour == ImageColour.Y ? 1 : 3;
        return own.Kind switch
        {
            NetworkKind.Srcnn => new Srcnn(channels, own.Kernels, own.Widths, random),
            NetworkKind.Vdsr => new Vdsr(channels, own.Layers, own.Width, own.Bias, random),
            NetworkKind.Rdn => new Rdn(
                own.Scales[0], own.Blocks, own.Layers, own.Growth, own.Width, own.TailOrWidth, own.Mean, own.Range, random)
            {
                ComputesBand = own.Band,
            },
            NetworkKind.Rcan => new Rcan(
                own.Scales[0], own.Groups, own.Blocks, own.Width, own.TailOrWidth, own.Reduction, own.Mean, own.Range, random)
            {
                ComputesBand = own.Band,
            },
            NetworkKind.SrResNet => new SrResNet(own.Scales[0], own.Blocks, own.Width, own.TailOrWidth, own.BatchNorm, random)
            {
                ComputesBand = own.Band,
            },
            _ => throw new ArgumentOutOfRangeException(nameof(own), own.Kind, "There is no such network."),
        };
    }

    private static void Initialise(InitialWeights how, string name, Tensor parameter, Generator random)
    {
        if (parameter.Dimensions == 4)
        {
            _ = how switch
            {
                InitialWeights.Gaussian => Initialisers.Normal(parameter, 0, GaussianDeviation, random),
                InitialWeights.He => Initialisers.KaimingNormal(parameter, random, Gain.Relu, Fan.Out),
                _ => Initialisers.XavierUniform(parameter, random),
            };
        }
        else if (name.EndsWith(".bias", StringComparison.Ordinal))
        {
            Initialisers.Constant(parameter, 0);
        }
    }
}
