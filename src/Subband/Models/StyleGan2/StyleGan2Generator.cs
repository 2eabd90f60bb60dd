using System.Globalization;
using Subband.Torch;
using Subband.Torch.Modules;

namespace Subband.Models.StyleGan2;

/// <summary>The generator of StyleGAN2, and of SWAGAN where it works on wavelet bands.</summary>
/// <remarks>
/// Karras et al. 2020, figure 7b: from a constant, blocks of an up-sampling and a plain styled convolution; at each size pixels are made of
/// the features and added to what the size before made, enlarged. Gal et al. 2021, figure 2: the same with bands for pixels, which ends at
/// half the size of the image. Names as in rosinality/stylegan2-pytorch.
/// </remarks>
public sealed class StyleGan2Generator : Module
{
    private readonly ConstantInput _input;
    private readonly StyledConvolution _conv1;
    private readonly ToPixels _toPixels1;
    private readonly StyledConvolution[] _convs;
    private readonly ToPixels[] _toPixels;
    private readonly EqualizedConv2d[] _enlargements;
    private readonly NoiseMaps _noises;

    /// <summary>Makes the network.</summary>
    /// <param name="shape">How large it is.</param>
    /// <param name="random">Where the initial values come from, on the CPU.</param>
    public StyleGan2Generator(StyleGan2Shape shape, Generator random)
    {
        ArgumentNullException.ThrowIfNull(shape);
        Shape = shape;
        Mapping = Child("style", new MappingNetwork(shape.StyleWidth, shape.MappingLayers, shape.Classes, random));
        var channels = shape.Channels(0);
        _input = Child("input", new ConstantInput(channels, shape.BaseHeight, shape.BaseWidth, random));
        _conv1 = Child("conv1", new StyledConvolution(channels, channels, shape.StyleWidth, random));
        _toPixels1 = Child("to_rgb1", NewToPixels(channels));
        List<StyledConvolution> convs = [];
        List<ToPixels> toPixels = [];
        for (var block = 1; block <= shape.FeatureDoublings; block++)
        {
            var (before, after) = (shape.Channels(block - 1), shape.Channels(block));
            convs.Add(new StyledConvolution(before, after, shape.StyleWidth, random, StyleResampling.Double));
            convs.Add(new StyledConvolution(after, after, shape.StyleWidth, random));
            toPixels.Add(NewToPixels(after));
        }

        _convs = Child("convs", new ModuleList<StyledConvolution>(convs)).Items;
        _toPixels = Child("to_rgbs", new ModuleList<ToPixels>(toPixels)).Items;
        _enlargements = shape is { Domain: PixelDomain.Wavelet, Enlargement: BandEnlargement.Learned }
            ? Child("enlargements", new ModuleList<EqualizedConv2d>(toPixels.Select(
                _ => new EqualizedConv2d(shape.Colours, 4 * shape.Colours, kernel: 1, random)))).Items
            : [];
        _noises = Child("noises", new NoiseMaps(shape, random));

        ToPixels NewToPixels(int inputs) =>
            new(inputs, shape.Domain.Channels(shape.Colours), shape.PixelMaker, shape.StyleWidth, random);
    }

    /// <summary>How large it is.</summary>
    public StyleGan2Shape Shape { get; }

    /// <summary>Makes styles of latent vectors.</summary>
    public MappingNetwork Mapping { get; }

    /// <summary>The noise maps that belong to the network, [1, 1, h, w] each; the coarsest first.</summary>
    public IReadOnlyList<Tensor> Noises => _noises.Maps;

    /// <summary>Fresh noise for <see cref="Forward"/>.</summary>
    /// <param name="count">N.</param>
    /// <param name="random">Where it comes from.</param>
    /// <returns>[N, 1, h, w] each, normal; the coarsest first.</returns>
    public Tensor[] NewNoises(long count, Generator random) =>
        [.. NoiseMaps.Sizes(Shape).Select(size => Tensor.Randn([count, 1, size.Height, size.Width], random))];

    /// <summary>Makes images.</summary>
    /// <param name="styles">w for each layer, [N, <see cref="StyleGan2Shape.Styles"/>, style width].</param>
    /// <param name="noises">Such as <see cref="Noises"/> or <see cref="NewNoises"/>.</param>
    /// <returns>[N, C, H, W], about [-1,1].</returns>
    public Tensor Forward(Tensor styles, IReadOnlyList<Tensor> noises)
    {
        ArgumentNullException.ThrowIfNull(styles);
        ArgumentNullException.ThrowIfNull(noises);
        if (styles.Dimensions != 3 || styles.Size(1) != Shape.Styles || styles.Size(2) != Shape.StyleWidth)
        {
            throw new TensorShapeException(
                $"{nameof(StyleGan2Generator)}: styles [N, {Shape.Styles}, {Shape.StyleWidth}] were expected, the tensor is {styles}.",
                nameof(StyleGan2Generator));
        }

        using var scope = new TensorScope();
        var w = styles.Unbind(1);                                                       // each [N, style width]
        var x = _conv1.Forward(_input.Forward(styles.Size(0)), w[0], noises[0]);        // [N, C, 4, 4]
        var pixels = _toPixels1.Forward(x, w[1]);
        for (var block = 0; block < _toPixels.Length; block++)
        {
            var i = 2 * block;
            x = _convs[i].Forward(x, w[i + 1], noises[i + 1]);                          // twice the size
            x = _convs[i + 1].Forward(x, w[i + 2], noises[i + 2]);
            pixels = _toPixels[block].Forward(x, w[i + 3]) + Double(pixels, block);
        }

        return scope.Keep(Shape.Domain.Leave(pixels, Shape.Scale));
    }

    /// <summary>The modulations of the convolutions and of the coarsest maker of pixels, with the places of the styles that they read.</summary>
    internal IEnumerable<(int Layer, Tensor Weight)> Modulations() =>
    [
        (0, _conv1.Modulation),
        (1, _toPixels1.Modulation),
        .. _convs.Select((conv, i) => (i + 1, conv.Modulation)),
    ];

    private Tensor Double(Tensor pixels, int block)
    {
        if (_enlargements.Length == 0)
        {
            return Shape.Domain.Double(pixels, Shape.Scale);
        }

        using var exact = new Autocast(pixels.Device.Type, enabled: false);
        return _enlargements[block].Forward(Shape.Domain.Leave(pixels, Shape.Scale));
    }

    /// <summary>Noise of a network's own. Buffers <c>noise_0</c>, <c>noise_1</c>, …, of one image each.</summary>
    private sealed class NoiseMaps : Module
    {
        private readonly Slot[] _maps;

        public NoiseMaps(StyleGan2Shape shape, Generator random) => _maps = [.. Sizes(shape).Select((size, i) => Buffer(
            string.Create(CultureInfo.InvariantCulture, $"noise_{i}"), Tensor.Randn([1, 1, size.Height, size.Width], random)))];

        public Tensor[] Maps => [.. _maps.Select(map => map.Tensor)];

        // of the first convolution, then of two at each size
        public static IEnumerable<(int Height, int Width)> Sizes(StyleGan2Shape shape) => Enumerable
            .Range(0, 1 + (2 * shape.FeatureDoublings))
            .Select(i => (i + 1) / 2)
            .Select(doublings => (shape.BaseHeight << doublings, shape.BaseWidth << doublings));
    }
}
