using Subband.Models.Import;
using Subband.Torch;
using Subband.Torch.Modules;
using Subband.Torch.Serialization;

namespace Subband.Models.SuperResolution;

/// <summary>SRGAN's discriminator: eight convolutions that halve the image four times, and two dense layers.</summary>
/// <remarks>
/// Ledig et al. 2017, section 2.1 and figure 4, below: LeakyReLU 0.2 throughout, batch norm from the second convolution on, 64 to
/// 512 channels. The sigmoid at the end of the figure is part of the loss. Names as in Lornatang/SRGAN-PyTorch.
/// </remarks>
public sealed class SrganDiscriminator : Module
{
    /// <summary>By how much it makes images smaller: four strides of 2.</summary>
    internal const int Shrinking = 16;

    private const double Slope = 0.2;
    private const int WidestTimes = 8;

    private readonly int _size;
    private readonly Sequential _features;
    private readonly Sequential _classifier;

    /// <summary>Makes the network.</summary>
    /// <param name="size">The side of the images, a multiple of 16; 96 in the paper.</param>
    /// <param name="width">Channels of the first convolution; 64 in the paper.</param>
    /// <param name="hidden">Units of the first dense layer; 1024 in the paper.</param>
    /// <param name="random">Where the initial values come from.</param>
    public SrganDiscriminator(int size, int width, int hidden, Generator random)
    {
        if (!Takes(size))
        {
            throw new ArgumentOutOfRangeException(nameof(size), size, $"The side of a discriminator's images must be a multiple of {Shrinking}.");
        }

        _size = size;
        List<Layer> features = [new Conv2d(3, width, 3, random, padding: 1), new LeakyRelu(Slope)];
        foreach (var (inputs, outputs, stride) in ((int, int, int)[])[(1, 1, 2), (1, 2, 1), (2, 2, 2), (2, 4, 1), (4, 4, 2), (4, 8, 1), (8, 8, 2)])
        {
            features.Add(new Conv2d(inputs * width, outputs * width, 3, random, stride, padding: 1, bias: false));
            features.Add(new BatchNorm2d(outputs * width));
            features.Add(new LeakyRelu(Slope));
        }

        var last = size / Shrinking;
        _features = Child("features", new Sequential([.. features]));
        _classifier = Child("classifier", new Sequential(
            new Linear(WidestTimes * width * last * last, hidden, random),
            new LeakyRelu(Slope),
            new Linear(hidden, 1, random)));
    }

    /// <summary>Whether images of a side can be judged.</summary>
    internal static bool Takes(int size) => size >= Shrinking && size % Shrinking == 0;

    /// <summary>Reads a discriminator of any width from a file.</summary>
    /// <param name="path">A <c>.pth</c> or <c>.safetensors</c> file in the layout of Lornatang/SRGAN-PyTorch.</param>
    /// <param name="device">Where to compute.</param>
    /// <exception cref="FileFormatException">The file is neither, or damaged.</exception>
    /// <exception cref="SubbandException">It is no discriminator, or does not fit; the message lists what is missing or unexpected.</exception>
    public static SrganDiscriminator Load(string path, Device device = default)
    {
        using var file = TensorFile.Load(path);
        using var scope = new TensorScope();
        var weights = ForeignWeights.Unwrap(file, names => names.Contains("classifier.2.weight"));
        var width = (int)weights.Shape("features.0.weight", 4)[0];
        var hidden = weights.Shape("classifier.0.weight", 2);
        var last = (int)Math.Round(Math.Sqrt((double)hidden[1] / (WidestTimes * width)));
        using var random = new Generator(0); // overwritten by the file's weights
        var network = new SrganDiscriminator(Math.Max(1, last) * Shrinking, width, (int)hidden[0], random);
        try
        {
            weights.Fill(network.NamedTensors(), "an SRGAN discriminator in the layout of Lornatang/SRGAN-PyTorch");
        }
        catch
        {
            network.Dispose();
            throw;
        }

        network.To(device);
        network.To(MemoryFormat.ChannelsLast);
        return network;
    }

    /// <summary>Judges images.</summary>
    /// <param name="images">[N, 3, size, size] in [0,1].</param>
    /// <returns>[N] logits: large for what it takes for a photograph.</returns>
    public Tensor Forward(Tensor images)
    {
        ArgumentNullException.ThrowIfNull(images);
        if (images.Dimensions != 4 || images.Size(1) != 3 || images.Size(2) != _size || images.Size(3) != _size)
        {
            throw new TensorShapeException(
                $"The discriminator judges images [N, 3, {_size}, {_size}], the tensor is {images}.", nameof(SrganDiscriminator));
        }

        using var scope = new TensorScope();
        var features = _features.Forward(images.Contiguous(MemoryFormat.ChannelsLast)); // [N, 512, size/16, size/16]
        return scope.Keep(_classifier.Forward(features.Flatten()).Flatten(0));          // [N]
    }
}
