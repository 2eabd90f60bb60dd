using System.Security.Cryptography;
using Subband.Imaging;
using Subband.Models.Features;
using Subband.Torch;
using Subband.Torch.Serialization;

namespace Subband.Metrics;

/// <summary>The network inside an LPIPS.</summary>
public enum LpipsNetwork
{
    /// <summary>AlexNet, which its authors advise for comparing pictures.</summary>
    Alex,

    /// <summary>SqueezeNet 1.1, a small one.</summary>
    Squeeze,

    /// <summary>VGG16, which its authors advise as a loss.</summary>
    Vgg,
}

/// <summary>How different two pictures look to a network: 0 for equal ones. Learned Perceptual Image Patch Similarity, version 0.1.</summary>
/// <remarks>
/// Zhang, Isola, Efros, Shechtman and Wang, "The Unreasonable Effectiveness of Deep Features as a Perceptual Metric", CVPR
/// 2018, arXiv 1801.03924, equation 1: at some places in the network each position's features are brought to the length 1; the
/// squared differences are weighted by channel (the linear weights), averaged over all positions and added up. The network
/// and the linear weights are files, since they are the work of others. Values of different networks cannot be compared.
/// </remarks>
public sealed class Lpips : IDisposable
{
    private const double Epsilon = 1e-10;

    private static readonly Dictionary<LpipsNetwork, long[]> Widths = new()
    {
        [LpipsNetwork.Alex] = [64, 192, 384, 256, 256],
        [LpipsNetwork.Squeeze] = [64, 128, 256, 384, 384, 512, 512],
        [LpipsNetwork.Vgg] = [64, 128, 256, 512, 512],
    };

    private readonly IFeatureNetwork _features;
    private readonly Tensor[] _linear; // [1, C, 1, 1] each
    private readonly Device _device;

    private Lpips(LpipsNetwork network, IFeatureNetwork features, Tensor[] linear, Device device, string weights)
    {
        Network = network;
        Weights = weights;
        _features = features;
        _device = device;
        using TensorScope scope = new();
        _linear = [.. linear.Select(tensor => TensorScope.Release(tensor.To(device)))];
    }

    /// <summary>The network inside.</summary>
    public LpipsNetwork Network { get; }

    /// <summary>The beginnings of the SHA-256 of the network's and of the linear weights' file.</summary>
    public string Weights { get; }

    /// <summary>What has to stand beside every value: network and weights.</summary>
    public string Protocol => $"LPIPS v0.1, {Network.ToString().ToLowerInvariant()}, on RGB; weights {Weights}";

    /// <summary>Reads the network and the linear weights; which network it is, the linear weights tell.</summary>
    /// <param name="features">
    /// torchvision's AlexNet, SqueezeNet 1.1 or VGG16, trained on ImageNet, as <c>.safetensors</c> or PyTorch file.
    /// </param>
    /// <param name="linear">The linear weights of LPIPS 0.1 for that network: <c>lin0.model.1.weight</c> and so on.</param>
    /// <param name="device">Where to compute.</param>
    /// <exception cref="SubbandException">A file is missing, damaged, or not for that purpose.</exception>
    public static Lpips Load(string features, string linear, Device device = default)
    {
        using TensorScope scope = new();
        Tensor[] weights = Linear(linear);
        LpipsNetwork network = NetworkOf(weights, linear);
        IFeatureNetwork loaded = network switch
        {
            LpipsNetwork.Alex => AlexNet.Load(features, device),
            LpipsNetwork.Squeeze => SqueezeNet.Load(features, device),
            _ => Vgg16.Load(features, device),
        };
        return new Lpips(network, loaded, weights, device, $"sha256 {Hash(features)} and {Hash(linear)}");
    }

    /// <summary>The distance of two pictures.</summary>
    /// <param name="reference">The one.</param>
    /// <param name="image">The other, of the same size.</param>
    /// <exception cref="SubbandException">The sizes differ, or the pictures are too small for the network.</exception>
    public double Distance(Rgb8Image reference, Rgb8Image image)
    {
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentNullException.ThrowIfNull(image);
        using TensorScope scope = new();
        using var noGrad = Autograd.NoGrad();
        return Distance(TensorImages.ToTensor([reference], PixelRange.Unit), TensorImages.ToTensor([image], PixelRange.Unit)).Item();
    }

    /// <summary>The distances of pairs of images. Gradients flow to both.</summary>
    /// <param name="reference">[N, 3, H, W] in [0,1], on any device.</param>
    /// <param name="images">The same shape.</param>
    /// <returns>[N].</returns>
    /// <exception cref="SubbandException">The shapes differ, or the images are too small for the network.</exception>
    public Tensor Distance(Tensor reference, Tensor images)
    {
        using TensorScope scope = new();
        return scope.Keep(Layers(reference, images).Aggregate((sum, layer) => sum + layer));
    }

    /// <summary>What each place in the network adds to the distance.</summary>
    /// <inheritdoc cref="Distance(Tensor, Tensor)"/>
    public Tensor[] Layers(Tensor reference, Tensor images)
    {
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentNullException.ThrowIfNull(images);
        if (!reference.Shape.SequenceEqual(images.Shape))
        {
            throw new SubbandException($"LPIPS compares images of one shape, but these are {reference} and {images}.");
        }

        using TensorScope scope = new();
        Tensor[] a = _features.Taps(Standard(reference));
        Tensor[] b = _features.Taps(Standard(images));
        var layers = new Tensor[_linear.Length];
        for (int k = 0; k < layers.Length; k++)
        {
            layers[k] = scope.Keep(((Unit(a[k]) - Unit(b[k])).Square() * _linear[k]).Sum([1], keep: true).Mean([1, 2, 3]));
        }

        return layers;
    }

    /// <summary>Frees the network.</summary>
    public void Dispose()
    {
        _features.Dispose();
        foreach (Tensor tensor in _linear)
        {
            tensor.Dispose();
        }
    }

    // LPIPS' own layer for images of [-1,1], shift (-.030, -.088, -.188) and scale (.458, .448, .450), is the same.
    private Tensor Standard(Tensor images) => ImageNetColours.Standardise(images.To(_device).To(DType.Float32));

    private static Tensor Unit(Tensor features) => features / (features.Square().Sum([1], keep: true).Sqrt() + Epsilon);

    private static Tensor[] Linear(string path)
    {
        using TensorArchive file = TensorFile.Load(path);
        List<Tensor> weights = [];
        while (file.Find($"lin{weights.Count}.model.1.weight") is { } weight)
        {
            weights.Add(weight.To(DType.Float32));
        }

        return weights.Count > 0 ? [.. weights] : throw new SubbandException(
            $"{path} holds no linear weights of LPIPS: the tensor lin0.model.1.weight is missing. They come with LPIPS, in lpips/weights/v0.1.");
    }

    private static LpipsNetwork NetworkOf(Tensor[] weights, string path)
    {
        long[] found = [.. weights.Select(weight => weight.Dimensions == 4 ? weight.Size(1) : 0)];
        foreach ((LpipsNetwork network, long[] widths) in Widths)
        {
            if (found.SequenceEqual(widths))
            {
                return network;
            }
        }

        throw new SubbandException(
            $"{path} has linear weights for maps of {string.Join(", ", found)} channels, but LPIPS has "
            + string.Join("; ", Widths.Select(entry => $"{string.Join(", ", entry.Value)} for {entry.Key.ToString().ToLowerInvariant()}")) + ".");
    }

    private static string Hash(string path)
    {
        using FileStream file = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file))[..12];
    }
}
