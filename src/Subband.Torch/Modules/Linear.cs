namespace Subband.Torch.Modules;

/// <summary>x · weightᵀ + bias: [..., I] to [..., O]. Parameters <c>weight</c> [O, I] and <c>bias</c> [O].</summary>
/// <remarks>Starts as PyTorch's: weight and bias uniform in ±1/√I.</remarks>
public sealed class Linear : Layer
{
    private readonly Slot _weight;
    private readonly Slot? _bias;
    private readonly SpectralNorm? _norm;

    /// <summary>Makes the layer.</summary>
    /// <param name="inputs">Features coming in.</param>
    /// <param name="outputs">Features going out.</param>
    /// <param name="random">Where the initial values come from, on the CPU.</param>
    /// <param name="bias">Whether a number is added to each output.</param>
    /// <param name="spectralNorm">Whether the weight is divided by its spectral norm, see <see cref="SpectralNorm"/>.</param>
    public Linear(int inputs, int outputs, Generator random, bool bias = true, bool spectralNorm = false)
    {
        var bound = 1 / Math.Sqrt(inputs);
        _weight = Parameter("weight", Tensor.Empty([outputs, inputs]).UniformInPlace(-bound, bound, random));
        _bias = bias ? Parameter("bias", Tensor.Empty([outputs]).UniformInPlace(-bound, bound, random)) : null;
        _norm = spectralNorm ? Child("norm", new SpectralNorm(_weight, random)) : null;
    }

    /// <summary>[O, I].</summary>
    public Tensor Weight => _weight;

    /// <summary>[O], or null.</summary>
    public Tensor? Bias => _bias?.Tensor;

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x) => Functional.Linear(x, _norm?.Normalise(_weight) ?? _weight, Bias);
}
