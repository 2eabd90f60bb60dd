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

    private Tensor? _packed;
    private Tensor? _packedFrom;
    private long _version;
    private bool _isHalf;

    /// <summary>What it computes with here; null where it cannot.</summary>
    public static string? Instructions => Processor.Value switch
    {
        Avx512Bf16 => "AVX-512 BF16",
        Avx512 => "AVX-512",
        _ => null,
    };

    /// <summary>Computes rectified(x * filters + bias) + plus.</summary>
    /// <param name="x">[N, C, H, W].</param>
    /// <param name="weight">[O, C, 3, 3], padding 1.</param>
    /// <param name="bias">[O], or null.</param>
    /// <param name="slopes">[O], by which what is negative is multiplied, 0 for a ReLU; null for no rectifier.</param>
    /// <param name="plus">[N, O, H, W], or null.</param>
    /// <returns>The result, in channels-last format; null where the operator cannot or had better not.</returns>
    public Tensor? TryConvolve(Tensor x, Tensor weight, Tensor? bias, Tensor? slopes, Tensor? plus)
    {
        bool isHalf = Autocast.IsOnForProcessor;
        if (!Takes(x, weight) || Processor.Value < (isHalf ? Avx512Bf16 : Avx512) || (!isHalf && x.DType != DType.Float32))
        {
            return null;
        }

        using TensorScope scope = new();
        Tensor image = x.Contiguous(MemoryFormat.ChannelsLast);
        Tensor? added = plus?.Contiguous(MemoryFormat.ChannelsLast);
        bool toHalf = isHalf && added?.DType != DType.Float32;
        return scope.Keep(Operators.Convolve3x3.Call(
            image, Packed(weight, isHalf), bias, slopes, added, weight.Size(0), Tile(isHalf), toHalf));
    }

    /// <summary>Frees the packed filters.</summary>
    public void Dispose() => _packed?.Dispose();

    private static int Tile(bool isHalf) => isHalf ? 2 : 4;

    private static bool Takes(Tensor x, Tensor weight) =>
        x.Device.Type == DeviceType.Cpu && x.Dimensions == 4 && x.Count > 0 && x.DType is DType.Float32 or DType.BFloat16
        && weight.DType == DType.Float32 && x.Size(1) == weight.Size(1)
        && weight.Size(0) % Lanes == 0 && weight.Size(1) % Lanes == 0 && Math.Min(weight.Size(0), weight.Size(1)) >= FewestChannels
        && !x.RequiresGrad && !weight.RequiresGrad;

    // Made anew when somebody has written to the filters, or asks for other numbers.
    private Tensor Packed(Tensor weight, bool isHalf)
    {
        long version = Operators.Version.CallForInteger(weight);
        if (_packed is null || _packedFrom != weight || version != _version || isHalf != _isHalf)
        {
            _packed?.Dispose();
            _packed = TensorScope.Release(Operators.Pack3x3.Call(weight, Tile(isHalf), isHalf));
            (_packedFrom, _version, _isHalf) = (weight, version, isHalf);
        }

        return _packed;
    }
}
