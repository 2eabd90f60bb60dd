namespace Subband.Torch.Modules;

/// <summary>max(x, 0).</summary>
public sealed class Relu : Layer
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor x) => Functional.Relu(x);
}

/// <summary>x where positive, slope · x elsewhere.</summary>
public sealed class LeakyRelu(double slope = 0.01) : Layer
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor x) => Functional.LeakyRelu(x, slope);
}

/// <summary>x where positive, weight · x elsewhere. Parameter <c>weight</c> [channels], from 0.25.</summary>
public sealed class PRelu : Layer
{
    private readonly Slot _weight;

    /// <summary>Makes the layer.</summary>
    /// <param name="channels">1 for one slope for all channels, or their number for one each.</param>
    public PRelu(int channels = 1) => _weight = Parameter("weight", Tensor.Full([channels], 0.25));

    /// <summary>The slopes, [channels].</summary>
    public Tensor Weight => _weight;

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x) => Functional.PRelu(x, _weight);
}

/// <summary>1 / (1 + e⁻ˣ).</summary>
public sealed class Sigmoid : Layer
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor x) => Functional.Sigmoid(x);
}

/// <summary>The hyperbolic tangent.</summary>
public sealed class Tanh : Layer
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor x) => Functional.Tanh(x);
}
