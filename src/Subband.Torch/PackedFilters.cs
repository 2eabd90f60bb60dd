using Subband.Torch.Native;

namespace Subband.Torch;

/// <summary>
/// A layer's filters of 3×3 or 1×1 in the form that Subband's own operator reads, which convolves, adds the bias, rectifies and adds
/// an image in one pass over memory; for networks that are used, not for those that are trained.
/// </summary>
/// <remarks>
/// It computes 3×3 by Winograd's method, F(4×4) in single precision and F(2×2) where autocast multiplies bf16, and gives the same
/// numbers for any number of threads; see <c>native/ops</c>. Whether it can is asked when the program runs: without AVX-512,
/// without enough channels to fill the registers, or where gradients are wanted, <see cref="TryConvolve"/> says no, and libtorch's
/// operators do the work.
/// </remarks>
internal sealed class PackedFilters : IDisposable
{
    private const int Lanes = 16;
    private const int FewestChannels = 32; // with fewer, transforms cost more than products save
    private const long Avx512 = 1;
    private const long Avx512Bf16 = 2;

    private static readonly Lazy<long> Processor = new(() => Operators.Processor.CallForInteger());

    // A model may be used by several threads, in either precision.
    private readonly Packing _float = new(isHalf: false);
    private readonly Packing _half = new(isHalf: true);

    /// <summary>What it computes with here; null where it cannot.</summary>
    public static string? Instructions => Processor.Value switch
    {
        Avx512Bf16 => "AVX-512 BF16",
        Avx512 => "AVX-512",
        _ => null,
    };

    /// <summary>Computes rectified(x * filters + bias) + plus. What it says no to costs next to nothing.</summary>
    /// <param name="x">[N, C, H, W].</param>
    /// <param name="weight">[O, C, 3, 3], padding 1; or [O, C, 1, 1].</param>
    /// <param name="bias">[O], or null.</param>
    /// <param name="rectifier">What becomes of negative numbers.</param>
    /// <param name="plus">[N, O, H', W], or null.</param>
    /// <returns>
    /// [N, O, H', W] in channels-last format, for each row that lies between two others or at the edge; null where the operator cannot or
    /// had better not.
    /// </returns>
    public Tensor? TryConvolve(RowBlock x, Tensor weight, Tensor? bias, Rectifier rectifier, RowBlock? plus)
    {
        if (x.Rows.Size(1) != weight.Size(1) || !Takes(x.Rows, weight, bias) || x.Rows.Count == 0
            || rectifier.Slopes?.RequiresGrad == true || plus?.Rows.RequiresGrad == true)
        {
            return null;
        }

        using TensorScope scope = new();
        bool isHalf = Autocast.IsOnForProcessor;
        bool toHalf = isHalf && plus?.Rows.DType != DType.Float32;
        long outputs = weight.Size(0);
        Tensor? slopes = rectifier.IsRelu ? Tensor.Zeros([outputs]) : rectifier.Slopes?.Expand(outputs).Contiguous();
        return scope.Keep(Operators.Convolve.Call(
            x.Rows, x.Above, x.Begins, x.Ends, Packed(weight, isHalf), bias, slopes, plus?.Rows, plus?.Above,
            outputs, Tile(weight, isHalf), toHalf));
    }

    /// <summary>Whether it can compute with these filters, of images of such a kind, whatever their channels.</summary>
    /// <param name="x">[N, C, H, W].</param>
    /// <param name="weight">[O, C, 3, 3], padding 1; or [O, C, 1, 1].</param>
    /// <param name="bias">[O], or null.</param>
    public static bool Takes(Tensor x, Tensor weight, Tensor? bias)
    {
        bool isHalf = Autocast.IsOnForProcessor;
        return x.Device.Type == DeviceType.Cpu && x.Dimensions == 4
            && Processor.Value >= (isHalf ? Avx512Bf16 : Avx512) && (x.DType == DType.Float32 || (isHalf && x.DType == DType.BFloat16))
            && weight.DType == DType.Float32 && weight.Size(0) % Lanes == 0 && weight.Size(1) % (isHalf ? 2 * Lanes : Lanes) == 0
            && Math.Min(weight.Size(0), weight.Size(1)) >= FewestChannels
            && !x.RequiresGrad && !weight.RequiresGrad && bias?.RequiresGrad != true;
    }

    /// <summary>Computes max(x * filters + bias, 0) into a tensor that is there already.</summary>
    /// <param name="result">[N, O, H', W], in channels-last format or some channels of such.</param>
    /// <param name="x">[N, C, H, W], laid out so too, and in one tensor.</param>
    /// <param name="weight">[O, C, 3, 3], padding 1; or [O, C, 1, 1].</param>
    /// <param name="bias">[O], or null.</param>
    public void ConvolveInto(Tensor result, RowBlock x, Tensor weight, Tensor? bias)
    {
        using TensorScope scope = new();
        bool isHalf = Autocast.IsOnForProcessor;
        _ = Operators.ConvolveInto.CallInPlace(
            result, x.Rows, x.Begins, x.Ends, Packed(weight, isHalf), bias, Tensor.Zeros([weight.Size(0)]), Tile(weight, isHalf));
    }

    /// <summary>Frees the packed filters.</summary>
    public void Dispose()
    {
        _float.Dispose();
        _half.Dispose();
    }

    // m of Winograd's F(m x m), or 1 for filters of 1x1
    private static int Tile(Tensor weight, bool isHalf) => weight.Size(2) == 1 ? 1 : isHalf ? 2 : 4;

    private Tensor Packed(Tensor weight, bool isHalf) => (isHalf ? _half : _float).Of(weight);

    /// <summary>Filters packed for one precision, made anew when somebody has written to them.</summary>
    private sealed class Packing(bool isHalf) : IDisposable
    {
        private readonly Lock _lock = new();
        private Tensor? _packed;
        private Tensor? _from;
        private long _version;

        public Tensor Of(Tensor weight)
        {
            lock (_lock)
            {
                long version = Operators.Version.CallForInteger(weight);
                if (_packed is null || _from != weight || version != _version)
                {
                    _packed?.Dispose();
                    _packed = TensorScope.Release(Operators.PackFilters.Call(weight, Tile(weight, isHalf), isHalf));
                    (_from, _version) = (weight, version);
                }

                return _packed;
            }
        }

        public void Dispose() => _packed?.Dispose();
    }
}
