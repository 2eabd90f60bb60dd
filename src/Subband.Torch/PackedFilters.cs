using Subband.Torch.Native;

namespace Subband.Torch;

/// <summary>
/// A layer's filters of 3×3 or 1×1, or from or to a few channels of up to 9×9, in the form that Subband's own operator reads, which convolves,
/// adds the bias, rectifies and adds an image in one pass over memory. While a network is trained, <see cref="TryTrain"/> packs them anew at
/// each step.
/// </summary>
/// <remarks>
/// It computes 3×3 by Winograd's method, F(4×4) in single precision and F(2×2) where autocast asks for bf16 and the processor multiplies
/// that faster, unless <see cref="Bf16Products"/> says otherwise; where it does not, only what goes through memory is bf16. It gives the
/// same numbers for any number of threads; see <c>native/ops</c>. Whether it can is asked when the program runs: without AVX2, or without
/// enough channels to fill the registers on one side at least, it says no, and libtorch's operators do the work.
/// </remarks>
internal sealed class PackedFilters : IDisposable
{
    private const int Lanes = 16;
    private const int FewestFilters = 32 * 32; // with fewer, transforms cost more than products save
    private const int MostThin = 4; // channels on one side, from or to which the operator multiplies filters as they are
    private const int MostThinSide = 9; // of such filters
    private const int MostBeside = 16; // images that it sees as one
    private const int FewestPixels = 512; // of a batch that is trained with; of fewer, packing costs more than products save
    private const int FewestPixelsOfLargeTiles = 1024; // of fewer, packing for F(4×4) costs more than its products save against F(2×2)
    private const int ManyFilters = 128 * 128; // more leave the cache before the next tiles need them, and are trained in floats alone
    private const long Avx2 = 1; // of Operators.Processor
    private const long Avx512 = 2;
    private const long Avx512Bf16 = 3;
    private const long AsVectors = 1; // of Operators.Bf16
    private const long ByLibrary = 2;

    private static readonly Lazy<long> Processor = new(() => Operators.Processor.CallForInteger());
    private static readonly Lazy<long> Bf16 = new(() => Operators.Bf16.CallForInteger());

    // A model may be used by several threads, in either precision.
    private readonly Packing _float = new();
    private readonly Packing _half = new();
    private readonly Packing _halfInLargeTiles = new();

    /// <summary>What it computes with here; null where it cannot.</summary>
    public static string? Instructions => Processor.Value switch
    {
        Avx512Bf16 => "AVX-512 BF16",
        Avx512 => "AVX-512",
        Avx2 => "AVX2",
        _ => null,
    };

    /// <summary>Whether convolutions in bf16 are faster on this processor than in single precision.</summary>
    public static bool IsBf16Faster => Bf16.Value is AsVectors or ByLibrary;

    /// <summary>Whether Subband multiplies bf16 itself on this processor, being faster so.</summary>
    public static bool IsBf16Multiplied => Bf16.Value == AsVectors;

    /// <summary>Whether it could, be it slower.</summary>
    public static bool CanMultiplyBf16 => Processor.Value >= Avx512Bf16;

    // Of how many the channels of each image have to be a multiple, where there are several.
    private static int MultipleBeside => MultipliesBf16 ? 2 * Lanes : Lanes;

    private static bool MultipliesBf16 =>
        Autocast.IsOnForProcessor && (IsBf16Multiplied || (Bf16Products.AreWantedEvenWhereSlower && CanMultiplyBf16));

    /// <summary>Computes rectified(x * filters + bias) + plus. What it says no to costs next to nothing.</summary>
    /// <param name="images">[N, C, H, W]; or several, to whom the channels belong one image after the other.</param>
    /// <param name="weight">[O, C, k, k], padding (k − 1) / 2.</param>
    /// <param name="bias">[O], or null.</param>
    /// <param name="rectifier">What becomes of negative numbers.</param>
    /// <param name="plus">[N, O, H', W], or null.</param>
    /// <param name="spread">r of a pixel shuffle behind it, 1 for none; then there is no <paramref name="plus"/>, and slopes are of the pixels' channels.</param>
    /// <returns>
    /// [N, O, H', W], or [N, O/r², H'·r, W·r], in channels-last format, for each row that lies between two others or at the edge; null where the operator cannot or
    /// had better not.
    /// </returns>
    public Tensor? TryConvolve(RowBlock[] images, Tensor weight, Tensor? bias, Rectifier rectifier, RowBlock? plus, int spread = 1)
    {
        if (!AreTaken(images, weight, bias)
            || (spread > 1 && (IsThin(weight) || weight.Size(0) % (Lanes * spread * spread) != 0))
            || rectifier.Slopes?.RequiresGrad == true || plus?.Rows.RequiresGrad == true)
        {
            return null;
        }

        using TensorScope scope = new();
        bool toHalf = Autocast.IsOnForProcessor && plus?.Rows.DType != DType.Float32;
        long outputs = weight.Size(0);
        Tensor? slopes = rectifier.IsRelu ? Tensor.Zeros([outputs])
            : rectifier.Slopes?.Expand(spread * spread, outputs / (spread * spread)).Reshape(outputs).Contiguous();
        Tensor? added = bias is null ? null : PixelByPixel(bias, spread);
        (Tensor filters, int tile) = Packed(weight, spread);
        (Tensor?[] rows, Tensor?[] above) = Parts(images);
        return scope.Keep(Operators.Convolve.Call(
            rows, above, images[0].Begins, images[0].Ends, filters, added, slopes, plus?.Rows, plus?.Above, outputs, tile, weight.Size(2), spread, toHalf));
    }

    /// <summary>
    /// Computes x * filters + bias, rectified where asked, so that gradients can be had of it. Those of x and of the filters are computed
    /// in the same way, those of the filters always in single precision. The gradient of x can be derived again and is such a
    /// convolution itself; that of the filters is libtorch's then.
    /// </summary>
    /// <param name="x">[N, C, H, W].</param>
    /// <param name="weight">[O, C, k, k], padding (k − 1) / 2.</param>
    /// <param name="bias">[O], or null.</param>
    /// <param name="isRectified">Whether negative numbers become 0.</param>
    /// <returns>[N, O, H, W] in channels-last format; null where the operator cannot or had better not.</returns>
    public static Tensor? TryTrain(Tensor x, Tensor weight, Tensor? bias, bool isRectified) =>
        x.Dimensions == 4 && weight.Dimensions == 4 && weight.Size(2) > 1 && weight.Size(2) % 2 == 1 && weight.Size(2) == weight.Size(3)
            && x.Size(1) == weight.Size(1) && Pays(Pixels(x), weight) && Fits(x, weight)
            ? Operators.ConvolveTrained.Call(
                x, weight, bias, TrainedTile(Pixels(x), weight), IsMultipliedAsBf16(weight), Autocast.IsOnForProcessor, isRectified)
            : null;

    /// <summary>Whether it can compute with these filters, of images of such a kind, whatever their channels, without gradients.</summary>
    /// <param name="x">[N, C, H, W].</param>
    /// <param name="weight">[O, C, k, k], padding (k − 1) / 2.</param>
    /// <param name="bias">[O], or null.</param>
    public static bool Takes(Tensor x, Tensor weight, Tensor? bias) =>
        x.Dimensions == 4 && Fits(x, weight) && !x.RequiresGrad && !weight.RequiresGrad && bias?.RequiresGrad != true;

    private static bool AreTaken(RowBlock[] images, Tensor weight, Tensor? bias) =>
        images.Sum(image => image.Rows.Size(1)) == weight.Size(1)
            && images.All(image => image.Rows.Count > 0 && Takes(image.Rows, weight, bias))
            && (images.Length == 1 || CanBeBeside(images, weight));

    private static bool CanBeBeside(RowBlock[] images, Tensor weight) =>
        images.Length <= MostBeside && !IsThin(weight)
            && images.All(image => image.Rows.Size(1) % MultipleBeside == 0 && image.Rows.DType == images[0].Rows.DType);

    private static (Tensor?[] Rows, Tensor?[] Above) Parts(RowBlock[] images) =>
        ([.. images.Select(image => image.Rows)], [.. images.Select(image => image.Above)]);

    private static bool Fits(Tensor x, Tensor weight)
    {
        bool isHalf = Autocast.IsOnForProcessor;
        return x.Device.Type == DeviceType.Cpu
            && (isHalf ? CanMultiplyBf16 && (Bf16.Value != ByLibrary || MultipliesBf16) : Processor.Value >= Avx2)
            && (x.DType == DType.Float32 || (isHalf && x.DType == DType.BFloat16))
            && weight.DType == DType.Float32
            && (IsThin(weight)
                ? Math.Max(weight.Size(0), weight.Size(1)) % Lanes == 0 && weight.Size(2) is > 1 and <= MostThinSide
                : weight.Size(0) % Lanes == 0 && weight.Size(1) % Lanes == 0 && weight.Size(2) <= 3
                    && weight.Size(0) * weight.Size(1) >= FewestFilters);
    }

    // while it is trained
    private static bool Pays(long pixels, Tensor weight) => pixels >= FewestPixels && !(AreMany(weight) && MultipliesBf16);

    private static bool AreMany(Tensor weight) => weight.Size(0) * weight.Size(1) > ManyFilters;

    private static long Pixels(Tensor x) => x.Count / x.Size(1);

    private static int TrainedTile(long pixels, Tensor weight) =>
        AreMany(weight) && pixels < FewestPixelsOfLargeTiles ? 2 : Tile(weight, MultipliesBf16);

    private static bool IsMultipliedAsBf16(Tensor weight) => MultipliesBf16 && !IsThin(weight);

    private static bool IsThin(Tensor weight) => Math.Min(weight.Size(0), weight.Size(1)) <= MostThin;

    /// <summary>Computes max(x * filters + bias, 0) into a tensor that is there already.</summary>
    /// <param name="result">[N, O, H', W], in channels-last format or some channels of such; both parts of it alike.</param>
    /// <param name="images">[N, C, H, W]; or several, to whom the channels belong one image after the other.</param>
    /// <param name="weight">[O, C, k, k], padding (k − 1) / 2.</param>
    /// <param name="bias">[O], or null.</param>
    public void ConvolveInto(RowBlock result, RowBlock[] images, Tensor weight, Tensor? bias)
    {
        using TensorScope scope = new();
        (Tensor filters, int tile) = Packed(weight, spread: 1);
        (Tensor?[] rows, Tensor?[] above) = Parts(images);
        _ = Operators.ConvolveInto.CallInPlace(
            result.Rows, result.Above, rows, above, images[0].Begins, images[0].Ends, filters, bias, Tensor.Zeros([weight.Size(0)]), tile, weight.Size(2));
    }

    /// <summary>Frees the packed filters.</summary>
    public void Dispose()
    {
        _float.Dispose();
        _half.Dispose();
        _halfInLargeTiles.Dispose();
    }

    // m of Winograd's F(m x m), 1 for filters of 1x1, 0 for those from or to a few channels
    private static int Tile(Tensor weight, bool multipliesBf16, bool inLargeTiles = false) =>
        weight.Size(2) == 1 ? 1 : IsThin(weight) ? 0 : multipliesBf16 && !inLargeTiles ? 2 : 4;

    // A pixel shuffle makes channel (c·r + i)·r + j of a pixel channel c of the pixel in row i and column j of r x r; the operator has those of
    // each pixel side by side, (i·r + j)·C + c.
    private static Tensor PixelByPixel(Tensor x, int spread)
    {
        if (spread == 1)
        {
            return x;
        }

        long[] shape = [.. x.Shape];
        long[] parts = [shape[0] / (spread * spread), spread * spread, .. shape[1..]];
        return x.Reshape(parts).Transpose(0, 1).Reshape(shape);
    }

    private (Tensor Filters, int Tile) Packed(Tensor weight, int spread)
    {
        (bool isHalf, bool inLargeTiles) = (IsMultipliedAsBf16(weight), Bf16Products.AreInLargeTiles);
        int tile = Tile(weight, isHalf, inLargeTiles);
        Packing packing = !isHalf ? _float : inLargeTiles ? _halfInLargeTiles : _half;
        return (packing.Of(weight, tile, isHalf, spread), tile);
    }

    /// <summary>Filters packed in one way, made anew when somebody has written to them.</summary>
    private sealed class Packing : IDisposable
    {
        private readonly Lock _lock = new();
        private Tensor? _packed;
        private Tensor? _from;
        private long _version;
        private int _spread;

        public Tensor Of(Tensor weight, int tile, bool isHalf, int spread)
        {
            lock (_lock)
            {
                long version = Operators.Version.CallForInteger(weight);
                if (_packed is null || _from != weight || version != _version || spread != _spread)
                {
                    using TensorScope scope = new();
                    _packed?.Dispose();
                    _packed = TensorScope.Release(Operators.PackFilters.Call(PixelByPixel(weight, spread), tile, isHalf, false));
                    (_from, _version, _spread) = (weight, version, spread);
                }

                return _packed;
            }
        }

        public void Dispose() => _packed?.Dispose();
    }
}
