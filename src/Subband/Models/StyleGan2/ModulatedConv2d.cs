using Subband.Torch;
using Subband.Torch.Modules;

namespace Subband.Models.StyleGan2;

/// <summary>What a modulated convolution does to the size.</summary>
public enum StyleResampling
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Doubles it: a transposed convolution, smoothed by [1, 3, 3, 1].</summary>
    Double,
}

/// <summary>A convolution whose filters a style scales, channel by channel of the input, for each image its own.</summary>
/// <remarks>
/// <para>
/// Karras et al. 2020, section 2.2, equations 1 and 3: w′ = s·w, and with demodulation w″ = w′ / √(Σ w′² + ε), the sum over a filter.
/// Scaling the filters is scaling the input before an ordinary convolution, and demodulation scales the output after it; so one
/// convolution serves the whole batch.
/// </para>
/// <para>As <c>ModulatedConv2d</c> in rosinality/stylegan2-pytorch: parameter <c>weight</c> [1, O, I, k, k], part <c>modulation</c>.</para>
/// </remarks>
public sealed class ModulatedConv2d : Module
{
    private const double Epsilon = 1e-8;

    private readonly Slot _weight;
    private readonly EqualizedLinear _modulation;
    private readonly int _kernel;
    private readonly double _scale;
    private readonly bool _isDemodulated;
    private readonly StyleResampling _resampling;

    /// <summary>Makes the layer.</summary>
    /// <param name="inputs">I.</param>
    /// <param name="outputs">O.</param>
    /// <param name="kernel">k, odd.</param>
    /// <param name="styleWidth">Numbers of a style vector.</param>
    /// <param name="random">Where the initial values come from, on the CPU.</param>
    /// <param name="isDemodulated">Whether filters are brought back to the length 1.</param>
    /// <param name="resampling">What becomes of the size.</param>
    public ModulatedConv2d(
        int inputs,
        int outputs,
        int kernel,
        int styleWidth,
        Generator random,
        bool isDemodulated = true,
        StyleResampling resampling = StyleResampling.None)
    {
        _weight = Parameter("weight", Tensor.Randn([1, outputs, inputs, kernel, kernel], random));
        _modulation = Child("modulation", new EqualizedLinear(styleWidth, inputs, random, bias: 1));
        (_kernel, _scale) = (kernel, 1 / Math.Sqrt((double)inputs * kernel * kernel));
        (_isDemodulated, _resampling) = (isDemodulated, resampling);
    }

    /// <summary>The matrix that makes the scales of the inputs of a style, [I, style width], as it is stored.</summary>
    internal Tensor Modulation => _modulation.Weight;

    /// <summary>Computes features.</summary>
    /// <param name="x">[N, I, H, W].</param>
    /// <param name="style">w, [N, style width].</param>
    /// <returns>[N, O, H, W], or twice the size.</returns>
    public Tensor Forward(Tensor x, Tensor style)
    {
        ArgumentNullException.ThrowIfNull(x);
        using var scope = new TensorScope();
        var w = _weight.Tensor.Squeeze(0);                               // [O, I, k, k]
        var (s, demodulation) = Factors(style, w);
        var scaled = x * s.To(x.DType);
        var y = _resampling == StyleResampling.Double
            ? Smoothing.Blur(UpConvolution.Of(scaled, w), padding: 1, gain: 4)
            : Functional.Conv2d(scaled, w, padding: _kernel / 2);
        return scope.Keep(demodulation is null ? y : y * demodulation.To(y.DType));
    }

    // s [N, I, 1, 1] and one over the length of each image's filters [N, O, 1, 1], in full precision
    private (Tensor Style, Tensor? Demodulation) Factors(Tensor style, Tensor w)
    {
        using var exact = new Autocast(style.Device.Type, enabled: false);
        var s = _modulation.Forward(style) * _scale;                     // [N, I]; scaling them is scaling the filters, which are more
        return (s.View(s.Size(0), s.Size(1), 1, 1), _isDemodulated ? Demodulation(w, s) : null);
    }

    // [N, O, 1, 1]: one over the length of each image's filters
    private static Tensor Demodulation(Tensor w, Tensor s)
    {
        var powers = Functional.FilterPowers(w);                         // [O, I]
        var lengths = s.Square().MatMul(powers.Transpose());             // [N, O], squared
        return (lengths + Epsilon).RSqrt().Unsqueeze(2).Unsqueeze(3);
    }
}
