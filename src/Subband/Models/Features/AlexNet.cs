using Subband.Torch;
using Subband.Torch.Modules;

namespace Subband.Models.Features;

/// <summary>The convolutional part of AlexNet, in the form of its second publication, which torchvision ships.</summary>
/// <remarks>
/// Krizhevsky, "One weird trick for parallelizing convolutional neural networks", 2014, arXiv 1404.5997. Names as in
/// torchvision, <c>features.0.weight</c> to <c>features.10.bias</c>; the classifier of a file is not read.
/// </remarks>
public sealed class AlexNet : FeatureLayers
{
    private AlexNet(Generator random)
        : base(
            "AlexNet",
            smallest: 31,
            taps: [1, 4, 7, 9, 11],
            [
                new Conv2d(3, 64, 11, random, stride: 4, padding: 2), // 0
                new Relu(),
                new MaxPool2d(3, 2),
                new Conv2d(64, 192, 5, random, padding: 2), // 3
                new Relu(),
                new MaxPool2d(3, 2),
                new Conv2d(192, 384, 3, random, padding: 1), // 6
                new Relu(),
                new Conv2d(384, 256, 3, random, padding: 1), // 8
                new Relu(),
                new Conv2d(256, 256, 3, random, padding: 1), // 10
                new Relu(),
            ])
    {
    }

    /// <summary>Reads the network from a file.</summary>
    /// <inheritdoc cref="FeatureWeights.Fill" path="/param"/>
    /// <inheritdoc cref="FeatureWeights.Fill" path="/exception"/>
    public static AlexNet Load(string path, Device device = default)
    {
        using Generator random = new(0); // overwritten by the file's weights
        return FeatureWeights.Fill(new AlexNet(random), path, device);
    }
}
