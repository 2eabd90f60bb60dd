using Subband.Torch;
using Subband.Torch.Modules;

namespace Subband.Models.Features;

/// <summary>The convolutional part of VGG16, without the last pooling.</summary>
/// <remarks>
/// Simonyan and Zisserman, "Very Deep Convolutional Networks for Large-Scale Image Recognition", 2014, arXiv 1409.1556,
/// configuration D. Names as in torchvision, <c>features.0.weight</c> to <c>features.28.bias</c>; the classifier of a file is not read.
/// </remarks>
public sealed class Vgg16 : FeatureLayers
{
    private static readonly int[][] Stages = [[64, 64], [128, 128], [256, 256, 256], [512, 512, 512], [512, 512, 512]];

    private Vgg16(Generator random)
        : base("VGG16", smallest: 16, taps: [3, 8, 15, 22, 29], Layers(random))
    {
    }

    /// <summary>Reads the network from a file.</summary>
    /// <inheritdoc cref="FeatureWeights.Fill" path="/param"/>
    /// <inheritdoc cref="FeatureWeights.Fill" path="/exception"/>
    public static Vgg16 Load(string path, Device device = default)
    {
        using Generator random = new(0); // overwritten by the file's weights
        return FeatureWeights.Fill(new Vgg16(random), path, device);
    }

    private static Layer[] Layers(Generator random)
    {
        List<Layer> layers = [];
        int inputs = 3;
        foreach (int[] stage in Stages)
        {
            if (layers.Count > 0)
            {
                layers.Add(new MaxPool2d(2, 2));
            }

            foreach (int outputs in stage)
            {
                layers.Add(new Conv2d(inputs, outputs, 3, random, padding: 1));
                layers.Add(new Relu());
                inputs = outputs;
            }
        }

        return [.. layers];
    }
}
