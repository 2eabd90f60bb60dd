using Subband.Torch;
using Subband.Torch.Modules;
using Subband.Torch.Serialization;

namespace Subband.Models.Features;

/// <summary>
/// The convolutional part of SqueezeNet 1.1, a small network whose features describe photographs. For use, not for
/// training: its weights come from a file and get no gradients, but gradients flow through it to the images.
/// </summary>
/// <remarks>
/// Iandola et al. 2016, arXiv 1602.07360, in the arrangement of version 1.1 (the authors' release). Names as in
/// torchvision, <c>features.0.weight</c> to <c>features.12.expand3x3.bias</c>; the classifier of a file is not read.
/// </remarks>
public sealed class SqueezeNet : Module, IFeatureNetwork
{
    // LPIPS v0.1 (Zhang et al. 2018, arXiv 1801.03924) compares the outputs after these.
    private static readonly int[] TapIndices = [1, 4, 7, 9, 10, 11, 12];

    private readonly Layer[] _features;

    private SqueezeNet()
    {
        using var random = new Generator(0); // overwritten by the file's weights
        _features =
        [
            new Conv2d(3, 64, 3, random, stride: 2), // 0
            new Relu(),
            new MaxPool2d(3, 2, ceilMode: true), // 2
            new Fire(64, 16, 64, random),
            new Fire(128, 16, 64, random),
            new MaxPool2d(3, 2, ceilMode: true), // 5
            new Fire(128, 32, 128, random),
            new Fire(256, 32, 128, random),
            new MaxPool2d(3, 2, ceilMode: true), // 8
            new Fire(256, 48, 192, random),
            new Fire(384, 48, 192, random),
            new Fire(384, 64, 256, random),
            new Fire(512, 64, 256, random), // 12
        ];
        Child("features", new Sequential(_features));
    }

    /// <summary>The number of channels of <see cref="Forward"/>.</summary>
    public static int Channels => 512;

    /// <summary>Reads the network from a file.</summary>
    /// <param name="path">A <c>.safetensors</c> or PyTorch file with torchvision's names; others are ignored.</param>
    /// <param name="device">Where to compute.</param>
    /// <exception cref="FileFormatException">The file is no such file.</exception>
    /// <exception cref="SubbandException">A tensor is missing or has another shape.</exception>
    public static SqueezeNet Load(string path, Device device = default) => FeatureWeights.Fill(new SqueezeNet(), path, device);

    /// <summary>The last features: [N, 3, H, W] to [N, 512, H′, W′], about a sixteenth of the size.</summary>
    /// <param name="images">RGB of [0,1], standardised by ImageNet's mean and deviation; sides of at least 17.</param>
    public Tensor Forward(Tensor images)
    {
        using var scope = new TensorScope();
        return scope.Keep(_features.Aggregate(Prepare(images), (x, layer) => layer.Forward(x)));
    }

    /// <summary>
    /// What LPIPS looks at: seven maps of 64, 128, 256, 384, 384, 512 and 512 channels, from fine to coarse.
    /// </summary>
    /// <inheritdoc cref="Forward"/>
    public Tensor[] Taps(Tensor images)
    {
        using var scope = new TensorScope();
        var taps = new List<Tensor>();
        var x = Prepare(images);
        for (var i = 0; i < _features.Length; i++)
        {
            x = _features[i].Forward(x);
            if (TapIndices.Contains(i))
            {
                taps.Add(scope.Keep(x));
            }
        }

        return [.. taps];
    }

    private static Tensor Prepare(Tensor images)
    {
        ArgumentNullException.ThrowIfNull(images);
        if (images.Dimensions != 4 || images.Size(1) != 3 || Math.Min(images.Size(2), images.Size(3)) < 17)
        {
            throw new TensorShapeException(
                $"SqueezeNet: images [N, 3, H, W] with sides of at least 17 were expected, the tensor is {images}.",
                nameof(SqueezeNet));
        }

        return images.Contiguous(MemoryFormat.ChannelsLast);
    }

    /// <summary>Few channels in the middle, then two banks of filters side by side (section 3.2, figure 1).</summary>
    private sealed class Fire : Layer
    {
        private readonly Conv2d _squeeze;
        private readonly Conv2d _expand1x1;
        private readonly Conv2d _expand3x3;

        public Fire(int inputs, int squeezed, int expanded, Generator random)
        {
            _squeeze = Child("squeeze", new Conv2d(inputs, squeezed, 1, random));
            _expand1x1 = Child("expand1x1", new Conv2d(squeezed, expanded, 1, random));
            _expand3x3 = Child("expand3x3", new Conv2d(squeezed, expanded, 3, random, padding: 1));
        }

        public override Tensor Forward(Tensor x)
        {
            using var scope = new TensorScope();
            var squeezed = Functional.ReluInPlace(_squeeze.Forward(x)); // [N, squeezed, H, W]
            var one = Functional.ReluInPlace(_expand1x1.Forward(squeezed)); // [N, expanded, H, W]
            var three = Functional.ReluInPlace(_expand3x3.Forward(squeezed));
            return scope.Keep(Tensor.Cat([one, three], 1)); // [N, 2 · expanded, H, W]
        }
    }
}
