using System.Security.Cryptography;
using Subband.Metrics;
using Subband.Torch;

namespace Subband.Models.Features;

/// <summary>
/// One vector of 512 numbers for an image, for measures that compare sets of images: the last features of SqueezeNet
/// 1.1, averaged over all positions.
/// </summary>
/// <remarks>
/// Images of any size are brought to 128x128. The network was made for photographs of 227x227 whose object fills the
/// frame; of an image of 32x32 as it stands, three poolings leave a single position that sees mostly padding. 128 keeps
/// what there is to see at a third of the cost of 224, and images of 32x32 and 64x64 become exactly four and two times as
/// large.
/// </remarks>
public sealed class SqueezeNetFeatures : IDisposable
{
    private const int Side = 128;

    private readonly SqueezeNet _network;
    private readonly Device _device;

    private SqueezeNetFeatures(SqueezeNet network, Device device, string weights)
    {
        _network = network;
        _device = device;
        Protocol = new FeatureProtocol(
            "SqueezeNet 1.1, features.12, mean over positions",
            SqueezeNet.Channels,
            $"8-bit RGB, bilinear to {Side}x{Side} (half-pixel centres, antialiased when shrinking), /255, "
            + "ImageNet mean and deviation",
            weights);
    }

    /// <summary>How the features are made.</summary>
    public FeatureProtocol Protocol { get; }

    /// <summary>Reads the network from a file.</summary>
    /// <param name="path">See <see cref="SqueezeNet.Load"/>.</param>
    /// <param name="device">Where to compute.</param>
    /// <inheritdoc cref="SqueezeNet.Load" path="/exception"/>
    public static SqueezeNetFeatures Load(string path, Device device = default)
    {
        var network = SqueezeNet.Load(path, device);
        using var file = File.OpenRead(path);
        var hash = Convert.ToHexStringLower(SHA256.HashData(file));
        return new SqueezeNetFeatures(network, device, $"sha256 {hash[..16]}");
    }

    /// <summary>The features of some images; a few hundred at a time fit into memory.</summary>
    /// <param name="images">Bytes [N, 3, H, W], RGB of 0..255, as a file would hold them.</param>
    /// <returns>float64 [N, 512].</returns>
    /// <exception cref="TensorArgumentException">The images are not bytes.</exception>
    /// <exception cref="TensorShapeException">The images are not [N, 3, H, W].</exception>
    public Tensor Extract(Tensor images)
    {
        ArgumentNullException.ThrowIfNull(images);
        RequireBytes(images);
        using var noGrad = Autograd.NoGrad();
        using var scope = new TensorScope();
        var pixels = images.To(_device).To(DType.Float32);
        var (rows, columns) = (Resampling(images.Size(2)), Resampling(images.Size(3))); // [128, H], [128, W]
        var resized = rows.MatMul(pixels).MatMul(columns.Transpose()) / 255; // [N, 3, 128, 128]
        return scope.Keep(_network.Forward(ImageNetColours.Standardise(resized)).To(DType.Float64).Mean([2, 3]));
    }

    /// <summary>Frees the network.</summary>
    public void Dispose() => _network.Dispose();

    // Linear interpolation between half-pixel centres as a matrix [128, from]. A row is a triangle around the place
    // (i + ½)·from/128 − ½, one source pixel wide to each side, or as wide as an output pixel when shrinking. What
    // would fall outside the image is left out and the rest scaled to the sum 1, which repeats the edge.
    private Tensor Resampling(long from)
    {
        var scale = (double)from / Side;
        var reach = Math.Max(scale, 1);
        var weights = new float[Side * from];
        for (var i = 0; i < Side; i++)
        {
            var centre = ((i + 0.5) * scale) - 0.5;
            var triangle = Enumerable.Range(0, (int)from).Select(j => Math.Max(0, 1 - (Math.Abs(j - centre) / reach)));
            var row = triangle.ToArray();
            var sum = row.Sum();
            for (var j = 0; j < from; j++)
            {
                weights[(i * from) + j] = (float)(row[j] / sum);
            }
        }

        return Tensor.From(weights, Side, from).To(_device);
    }

    private static void RequireBytes(Tensor images)
    {
        if (images.DType != DType.UInt8)
        {
            throw new TensorArgumentException(
                $"SqueezeNet features: bytes [N, 3, H, W] of 0..255 were expected, the tensor is {images}.",
                nameof(SqueezeNetFeatures));
        }

        if (images.Dimensions != 4 || images.Size(1) != 3)
        {
            throw new TensorShapeException(
                $"SqueezeNet features: bytes [N, 3, H, W] were expected, the tensor is {images}.",
                nameof(SqueezeNetFeatures));
        }
    }
}
