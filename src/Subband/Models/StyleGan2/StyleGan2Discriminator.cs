using Subband.Imaging;
using Subband.Torch;
using Subband.Torch.Modules;

namespace Subband.Models.StyleGan2;

/// <summary>The discriminator of StyleGAN2, and of SWAGAN where it looks at wavelet bands.</summary>
/// <remarks>
/// Karras et al. 2020, figure 7c: features of the image go through residual blocks that halve the size. Gal et al. 2021, figure 2: features of
/// the bands at each size are added to what came from the finer ones, and the blocks have no residual. At the base the deviation within
/// the minibatch stands beside the features (Karras et al. 2018, section 3). Names as in rosinality/stylegan2-pytorch.
/// </remarks>
public abstract class StyleGan2Discriminator : Module
{
    internal const int MostInGroup = 4; // images whose features are compared
    private const double Epsilon = 1e-8;

    private Sequential? _finalConv;
    private Sequential? _finalLinear;
    private EqualizedLinear? _classes;

    private protected StyleGan2Discriminator(StyleGan2Shape shape) => Shape = shape;

    /// <summary>How large it is.</summary>
    public StyleGan2Shape Shape { get; }

    /// <summary>Makes the network.</summary>
    /// <param name="shape">How large it is, and whether it looks at pixels or bands.</param>
    /// <param name="random">Where the initial values come from, on the CPU.</param>
    public static StyleGan2Discriminator Of(StyleGan2Shape shape, Generator random)
    {
        ArgumentNullException.ThrowIfNull(shape);
        return shape.Domain == PixelDomain.Wavelet ? new WaveletDiscriminator(shape, random) : new ImageDiscriminator(shape, random);
    }

    /// <summary>Judges images.</summary>
    /// <param name="images">[N, C, H, W] in [-1,1]; N at most 4, or divisible by 4.</param>
    /// <param name="classes">One-hot [N, classes]; null for a network without classes.</param>
    /// <returns>[N, 1], the larger the more like a real image.</returns>
    public Tensor Forward(Tensor images, Tensor? classes = null)
    {
        ArgumentNullException.ThrowIfNull(images);
        var group = Math.Min(images.Size(0), MostInGroup);
        if (images.Dimensions != 4 || images.Size(1) != Shape.Colours || images.Size(2) != Shape.Height || images.Size(3) != Shape.Width
            || images.Size(0) % group != 0)
        {
            throw new TensorShapeException(
                $"{GetType().Name}: images [N, {Shape.Colours}, {Shape.Height}, {Shape.Width}] were expected, N at most {MostInGroup} or divisible "
                + $"by it; the tensor is {images}.",
                nameof(StyleGan2Discriminator));
        }

        if ((classes is null) != (_classes is null))
        {
            throw new ArgumentException(
                _classes is null ? "This network has no classes." : "This network has classes; it needs to be told that of each image.", nameof(classes));
        }

        using var scope = new TensorScope();
        var features = Features(images.Contiguous(MemoryFormat.ChannelsLast)).To(images.DType); // [N, C, 4, 4]
        using var exact = new Autocast(images.Device.Type, enabled: false);
        var judged = _finalConv!.Forward(Tensor.Cat([features, Deviation(features, group)], 1));
        var logits = _finalLinear!.Forward(judged.Contiguous().Flatten());                      // [N, 1], or with classes [N, C]
        return scope.Keep(_classes is null ? logits : AtClass(logits, _classes.Forward(classes!)));
    }

    /// <summary>[N, C, 4, 4] of images.</summary>
    private protected abstract Tensor Features(Tensor images);

    // Behind all that a subclass registers, which is the order of the checkpoints.
    private protected void AddEnd(Generator random)
    {
        var channels = Shape.Channels(0);
        _finalConv = Child("final_conv", Convolution(channels + 1, channels, 3, random));
        _finalLinear = Child("final_linear", new Sequential(
            new EqualizedLinear(channels * Shape.End.Height * Shape.End.Width, channels, random, isActivated: true),
            new EqualizedLinear(channels, Shape.Classes > 0 ? channels : 1, random)));
        _classes = Shape.Classes > 0 ? Child("classes", new EqualizedLinear(Shape.Classes, channels, random)) : null;
    }

    // [N, 1]: how far the vector of an image points to that of its class; Miyato and Koyama 2018, scaled as in NVlabs/stylegan2-ada-pytorch
    private static Tensor AtClass(Tensor judged, Tensor wanted) =>
        (judged * UnitPower.Of(wanted)).Sum([1], keep: true) * (1 / Math.Sqrt(judged.Size(1)));

    // ConvLayer of the reference
    private protected static Sequential Convolution(int inputs, int outputs, int kernel, Generator random) =>
        new(Rectified(inputs, outputs, kernel, random, padding: kernel / 2));

    private protected static Sequential Halving(int inputs, int outputs, Generator random) =>
        new([new BlurLayer(padding: 2), .. Rectified(inputs, outputs, kernel: 3, random, stride: 2)]);

    private protected static Layer[] Rectified(int inputs, int outputs, int kernel, Generator random, int stride = 1, int padding = 0)
    {
        var conv = new EqualizedConv2d(inputs, outputs, kernel, random, stride, padding, isScaled: false);
        return [conv, new ScaledLeakyRelu(outputs, conv.Scale)];
    }

    // [N, 1, H, W]: how much the features of a group of images differ, one number for each group
    private static Tensor Deviation(Tensor features, long group)
    {
        var (n, c, h, w) = (features.Size(0), features.Size(1), features.Size(2), features.Size(3));
        var grouped = features.Reshape(group, n / group, c * h * w);
        // Over its first dimension libtorch's own variance takes many times as long.
        var variances = (grouped - grouped.Mean([0], keep: true)).Square().Mean([0]);  // [N/group, CHW]
        return (variances + Epsilon).Sqrt().Mean([1]).View(-1, 1, 1, 1).Repeat(group, 1, h, w);
    }
}

/// <summary>StyleGAN2's.</summary>
internal sealed class ImageDiscriminator : StyleGan2Discriminator
{
    private readonly Sequential _convs;

    public ImageDiscriminator(StyleGan2Shape shape, Generator random)
        : base(shape)
    {
        int[] widths = [.. shape.DiscriminatorChannels];
        _convs = Child("convs", new Sequential(
        [
            Convolution(shape.Colours, widths[0], kernel: 1, random),
            .. widths.Zip(widths.Skip(1), (from, to) => new ResidualBlock(from, to, random)),
        ]));
        AddEnd(random);
    }

    private protected override Tensor Features(Tensor images) => _convs.Forward(images);

    private sealed class ResidualBlock : Layer
    {
        private readonly Sequential _conv1;
        private readonly Sequential _conv2;
        private readonly Sequential _skip;

        public ResidualBlock(int inputs, int outputs, Generator random)
        {
            _conv1 = Child("conv1", Convolution(inputs, inputs, 3, random));
            _conv2 = Child("conv2", Halving(inputs, outputs, random));
            _skip = Child("skip", new Sequential(new BlurLayer(padding: 1), new EqualizedConv2d(inputs, outputs, kernel: 1, random, stride: 2)));
        }

        public override Tensor Forward(Tensor x)
        {
            using var scope = new TensorScope();
            return scope.Keep((_conv2.Forward(_conv1.Forward(x)) + _skip.Forward(x)) / Math.Sqrt(2));
        }
    }
}

/// <summary>SWAGAN's.</summary>
/// <remarks>
/// With <see cref="BandReduction.Learned"/>, two layers of weights without a rectifier make colours of the bands, whose bands are read next; readers
/// halve the size too, after a mean of 2x2 pixels, as <c>conv_downsample_2d</c> of NVlabs/stylegan2 does where it is given no filter
/// (<c>DwaveletsNU</c> of rinongal/swagan).
/// </remarks>
internal sealed class WaveletDiscriminator : StyleGan2Discriminator
{
    private readonly FromBands[] _fromBands;
    private readonly Block[] _convs;
    private readonly Sequential[] _reductions;

    public WaveletDiscriminator(StyleGan2Shape shape, Generator random)
        : base(shape)
    {
        int[] widths = [.. shape.DiscriminatorChannels];
        _fromBands = Child("from_rgbs", new ModuleList<FromBands>(
            widths.Select(width => new FromBands(shape, width, random)))).Items;
        _convs = Child("convs", new ModuleList<Block>(widths.Zip(widths.Skip(1), (from, to) => new Block(from, to, random)))).Items;
        _reductions = shape.IsReductionLearned
            ? Child("reductions", new ModuleList<Sequential>(_convs.Select(_ => new Sequential(
                new ColourMixing(shape.Domain.Channels(shape.Colours), shape.Colours, random),
                new ColourMixing(shape.Colours, shape.Colours, random))))).Items
            : [];
        AddEnd(random);
    }

    private protected override Tensor Features(Tensor images)
    {
        using var scope = new TensorScope();
        var bands = Exactly(HaarWavelet.Analyse, images);                               // [N, 4C, H/2, W/2]
        var x = _fromBands[0].Forward(bands);
        for (var block = 0; block < _convs.Length; block++)
        {
            bands = Exactly(_reductions.Length == 0 ? HaarResampling.Halve : Reduce(_reductions[block]), bands);
            x = _convs[block].Forward(x) + _fromBands[block + 1].Forward(bands);        // half the size
        }

        return scope.Keep(x);
    }

    private static Func<Tensor, HaarScale, Tensor> Reduce(Sequential colours) => (bands, scale) => HaarWavelet.Analyse(colours.Forward(bands), scale);

    // Bands stay in full precision whatever the convolutions' is.
    private Tensor Exactly(Func<Tensor, HaarScale, Tensor> change, Tensor pixels)
    {
        using var exact = new Autocast(pixels.Device.Type, enabled: false);
        return change(pixels, Shape.Scale);
    }

    private sealed class FromBands : Layer
    {
        private readonly Sequential _conv;

        public FromBands(StyleGan2Shape shape, int outputs, Generator random)
        {
            var inputs = shape.Domain.Channels(shape.Colours);
            _conv = Child("conv", shape.IsReductionLearned
                ? new Sequential([new MeanOfFour(), .. Rectified(inputs, outputs, shape.BandReaderSide, random, stride: 2)])
                : Convolution(inputs, outputs, shape.BandReaderSide, random));
        }

        public override Tensor Forward(Tensor x) => _conv.Forward(x);
    }

    /// <summary>Means of 2x2 neighbours, with zeros around: [N, C, H, W] to [N, C, H + 1, W + 1].</summary>
    private sealed class MeanOfFour : Layer
    {
        public override Tensor Forward(Tensor x) => Functional.AvgPool2d(x, kernel: 2, stride: 1, padding: 1);
    }

    /// <summary>Colours of colours or bands, pixel by pixel. Part <c>conv</c>, parameter <c>bias</c> [1, O, 1, 1].</summary>
    private sealed class ColourMixing : Layer
    {
        private readonly EqualizedConv2d _conv;
        private readonly Slot _bias;

        public ColourMixing(int inputs, int outputs, Generator random)
        {
            _bias = Parameter("bias", Tensor.Zeros([1, outputs, 1, 1]));
            _conv = Child("conv", new EqualizedConv2d(inputs, outputs, kernel: 1, random));
        }

        public override Tensor Forward(Tensor x)
        {
            using var scope = new TensorScope();
            return scope.Keep(_conv.Forward(x) + _bias);
        }
    }

    private sealed class Block : Layer
    {
        private readonly Sequential _conv1;
        private readonly Sequential _conv2;

        public Block(int inputs, int outputs, Generator random)
        {
            _conv1 = Child("conv1", Convolution(inputs, inputs, 3, random));
            _conv2 = Child("conv2", Halving(inputs, outputs, random));
        }

        public override Tensor Forward(Tensor x) => _conv2.Forward(_conv1.Forward(x));
    }
}
