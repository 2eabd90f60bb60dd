using Subband.Torch;
using Subband.Torch.Modules;
using Subband.Torch.Serialization;

namespace Subband.Models.Features;

/// <summary>Which features of VGG19: φ(i,j), those of the j-th convolution before the i-th pooling.</summary>
public enum VggLayer
{
    /// <summary>φ(2,2): fine structure, 128 channels at half the size.</summary>
    Vgg22,

    /// <summary>φ(5,4): content, 512 channels at a sixteenth of the size.</summary>
    Vgg54,
}

/// <summary>
/// The convolutional part of VGG19 up to the features that a perceptual loss compares. For use, not for training: its weights
/// come from a file and get no gradients, but gradients flow through it to the images.
/// </summary>
/// <remarks>
/// <para>
/// Simonyan and Zisserman 2015, arXiv 1409.1556, configuration E. Names as in torchvision's <c>vgg19</c>,
/// <c>features.0.weight</c> to <c>features.34.bias</c>; what a file holds beyond is not read.
/// </para>
/// <para>
/// Ledig et al. 2017 (SRGAN), section 2.2.1: the features after the activation, times 1/12.75, which makes the squared
/// difference of two images about as large as that of their pixels. Others take them before the activation (ESRGAN, BasicSR).
/// </para>
/// </remarks>
public sealed class Vgg19 : Module
{
    /// <summary>By what SRGAN multiplies the features.</summary>
    public const double SrganScale = 1 / 12.75;

    private const int Pool = 0;
    private static readonly int[] Configuration =
        [64, 64, Pool, 128, 128, Pool, 256, 256, 256, 256, Pool, 512, 512, 512, 512, Pool, 512, 512, 512, 512];

    private readonly double _scale;
    private readonly Layer[] _features;

    /// <summary>Makes the network with weights that mean nothing.</summary>
    /// <param name="layer">Where it ends.</param>
    /// <param name="afterActivation">Whether the last convolution is followed by its ReLU.</param>
    /// <param name="scale">By what the features are multiplied.</param>
    internal Vgg19(VggLayer layer, bool afterActivation, double scale)
    {
        _scale = scale;
        using var random = new Generator(0); // overwritten by the file's weights
        var layers = new List<Layer>();
        var channels = 3;
        foreach (var outputs in layer == VggLayer.Vgg22 ? Configuration.Take(5) : Configuration)
        {
            if (outputs == Pool)
            {
                layers.Add(new MaxPool2d(2, 2));
                continue;
            }

            layers.Add(new Conv2d(channels, outputs, 3, random, padding: 1));
            layers.Add(new Relu());
            channels = outputs;
        }

        _features = [.. afterActivation ? layers : layers.SkipLast(1)];
        Child("features", new Sequential(_features));
        Channels = channels;
    }

    /// <summary>The number of channels of <see cref="Forward"/>.</summary>
    public int Channels { get; }

    /// <summary>Reads the network from a file.</summary>
    /// <param name="path">A <c>.pth</c> or <c>.safetensors</c> file with torchvision's names, such as <c>vgg19-dcbb9e9d.pth</c>.</param>
    /// <param name="layer">Where it ends; what lies behind is not read.</param>
    /// <param name="afterActivation">Whether the features are those after the ReLU, as in the paper of SRGAN.</param>
    /// <param name="scale">By what the features are multiplied.</param>
    /// <param name="device">Where to compute.</param>
    /// <exception cref="FileFormatException">The file is no such file.</exception>
    /// <exception cref="SubbandException">A tensor is missing or has another shape.</exception>
    public static Vgg19 Load(
        string path, VggLayer layer, bool afterActivation = true, double scale = SrganScale, Device device = default) =>
        FeatureWeights.Fill(new Vgg19(layer, afterActivation, scale), path, device);

    /// <summary>The features of images, times the scale.</summary>
    /// <param name="images">[N, 3, H, W], RGB in [0,1]; sides of at least 16. They are standardised by ImageNet's mean and deviation.</param>
    /// <returns>[N, 128, H/2, W/2] or [N, 512, H/16, W/16].</returns>
    public Tensor Forward(Tensor images)
    {
        ArgumentNullException.ThrowIfNull(images);
        if (images.Dimensions != 4 || images.Size(1) != 3 || Math.Min(images.Size(2), images.Size(3)) < 16)
        {
            throw new TensorShapeException(
                $"VGG19: images [N, 3, H, W] with sides of at least 16 were expected, the tensor is {images}.", nameof(Vgg19));
        }

        using var scope = new TensorScope();
        var standard = ImageNetColours.Standardise(images);
        var features = _features.Aggregate(standard.Contiguous(MemoryFormat.ChannelsLast), (x, layer) => layer.Forward(x));
        return scope.Keep(features * _scale);
    }
}
