using Subband.Torch.Native;

namespace Subband.Torch;

/// <summary>
/// A layer's filters of 3×3 in the form that Subband's own operator reads, which convolves, adds the bias, rectifies and adds an
/// image in one pass over memory; for networks that are used, not for those that are trained.
/// </summary>
/// <remarks>
/// It computes by Winograd's method, F(4×4) in single precision and F(2×2) where autocast multiplies bf16, and gives the same
/// numbers for any number of threads; see <c>native/ops</c>. Whether it can is asked when the program runs: without AVX-512,
/// without 16 channels for each register, or where gradients are wanted, <see cref="TryConvolve"/> says no, and libtorch's
/// operators do the work.
/// </remarks>
internal sealed class Filters3x3 : IDisposable
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
    /// <param name="weight">[O, C, 3, 3], padding 1.</param>
    /// <param name="bias">[O], or null.</param>
    /// <param name="isRelu">Whether what is negative becomes 0.</param>
    /// <param name="slopes">[1] or [O], by which what is negative is multiplied otherwise; null for no rectifier.</param>
    /// <param name="plus">[N, O, H, W], or null.</param>
    /// <returns>The result, in channels-last format; null where the operator cannot or had better not.</returns>
    public Tensor? TryConvolve(Tensor x, Tensor weight, Tensor? bias, bool isRelu = false, Tensor? slopes = null, Tensor? plus = null)
    {
        bool isHalf = Autocast.IsOnForProcessor;
        if (!Takes(x, weight) || Processor.Value < (isHalf ? Avx512Bf16 : Avx512) || (!isHalf && x.DType != DType.Float32)
            || ((Tensor?[])[x, weight, bias, slopes, plus]).Any(tensor => tensor?.RequiresGrad == true))
        {
            return null;
        }

        using TensorScope scope = new();
        Tensor image = x.Contiguous(MemoryFormat.ChannelsLast);
        Tensor? added = plus?.Contiguous(MemoryFormat.ChannelsLast);
        bool toHalf = isHalf && added?.DType != DType.Float32;
        long outputs = weight.Size(0);
        Tensor? each = isRelu ? Tensor.Zeros([outputs]) : slopes?.Expand(outputs).Contiguous();
        return scope.Keep(Operators.Convolve3x3.Call(
            image, (isHalf ? _half : _float).Of(weight), bias, each, added, outputs, Tile(isHalf), toHalf));
    }

    /// <summary>Frees the packed filters.</summary>
    public void Dispose()
    {
        _float.Dispose();
        _half.Dispose();
    }

    private static int Tile(bool isHalf) => isHalf ? 2 : 4;

    private static bool Takes(Tensor x, Tensor weight) =>
        x.Device.Type == DeviceType.Cpu && x.Dimensions == 4 && x.Count > 0 && x.DType is DType.Float32 or DType.BFloat16
        && weight.DType == DType.Float32 && x.Size(1) == weight.Size(1)
        && weight.Size(0) % Lanes == 0 && weight.Size(1) % Lanes == 0 && Math.Min(weight.Size(0), weight.Size(1)) >= FewestChannels;

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
                    _packed = TensorScope.Release(Operators.Pack3x3.Call(weight, Tile(isHalf), isHalf));
                    (_from, _version) = (weight, version);
                }

                return _packed;
            }
        }

        public void Dispose() => _packed?.Dispose();
    }
}
