using Subband.Models;
using Subband.Torch;

namespace Subband.Tests.Upscaling;

/// <summary>
/// Repeats pixels and adds what a stack of random 3x3 convolutions with padding by zeros makes of the image: a network with a known
/// reach. Each filter adds up to nothing, so that a flat image stays flat but for the frame that the zeros leave.
/// </summary>
internal sealed class ConvolutionUpscaler : IUpscaler
{
    private const int Layers = 4;
    private const int Width = 8;

    private readonly Tensor[] _weights;

    public ConvolutionUpscaler(ulong seed = 1, params int[] scales)
    {
        Scales = scales.Length == 0 ? [2] : scales;
        using TensorScope scope = new();
        using Generator random = new(seed);
        List<Tensor> weights = [];
        for (int layer = 0; layer < Layers; layer++)
        {
            Tensor weight = Tensor.Randn([layer == Layers - 1 ? 3 : Width, layer == 0 ? 3 : Width, 3, 3], random) * 0.3;
            weights.Add(TensorScope.Release(weight - weight.Mean([2, 3], keep: true)));
        }

        _weights = [.. weights];
    }

    public IReadOnlyList<int> Scales { get; }

    /// <summary>The largest tile, in pixels, for which there is memory.</summary>
    public long MostPixels { get; init; } = long.MaxValue;

    /// <summary>Whether the mean of the image goes into every pixel, so that nothing less than all of it is enough.</summary>
    public bool IsGlobal { get; init; }

    /// <summary>What all values become no numbers with: always, or only in bf16; null never.</summary>
    public bool? BreaksInBf16Only { get; init; }

    /// <summary>How much of what the convolutions make is added.</summary>
    public double Strength { get; init; } = 0.5;

    /// <summary>Whether it takes a picture by its rows, where nobody asks for tiles.</summary>
    public bool TakesRows { get; init; }

    public int? Reach(int scale) => IsGlobal ? null : Layers;

    bool IUpscaler.TakesRows(int scale) => TakesRows;

    public Tensor Upscale(Tensor images, int scale)
    {
        if (images.Size(2) * images.Size(3) > MostPixels)
        {
            throw new TensorMemoryException("There is no memory.", "fake");
        }

        using TensorScope scope = new();
        Tensor x = images;
        for (int layer = 0; layer < Layers; layer++)
        {
            x = RowWalk.Current is { } walk ? walk.Around(x, 1, 1, rows => Convolve(rows.Joined(), layer)) : Convolve(x, layer);
            x = layer < Layers - 1 ? Functional.Relu(x) : x;
        }

        // a convolution in bf16 is coarser than one in single precision: that is how this tells where it is
        bool isBf16 = x.DType == DType.BFloat16;
        Tensor[] aligned = RowWalk.Aligned(images, x);
        (images, x) = (aligned[0], aligned[0] + (aligned[1].To(DType.Float32) * Strength));
        if (IsGlobal)
        {
            x = x + ((images.Mean([1, 2, 3], keep: true) - 0.5) * 0.2);
        }

        if (BreaksInBf16Only is { } only && (isBf16 || !only))
        {
            x = x / 0.0 * 0.0;
        }

        return scope.Keep(Functional.UpsampleNearest(x, images.Size(2) * scale, images.Size(3) * scale));
    }

    private Tensor Convolve(Tensor x, int layer) => Functional.Conv2d(x, _weights[layer], null, 1, 1);

    public void Dispose() => Array.ForEach(_weights, weight => weight.Dispose());
}
