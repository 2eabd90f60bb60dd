namespace Subband.Torch.Modules;

/// <summary>
/// Divides a weight by an estimate of its largest singular value, so that the layer stretches no input by more than 1.
/// Buffer <c>u</c> [O], the left singular vector found so far.
/// </summary>
/// <remarks>
/// Miyato et al., "Spectral Normalization for Generative Adversarial Networks" (2018), algorithm 1: one power iteration
/// at each training step, none in evaluation. The gradient passes through σ = uᵀ W v with u and v held fixed.
/// </remarks>
public sealed class SpectralNorm : Module
{
    private const double Epsilon = 1e-12;

    private readonly Slot _u;

    /// <summary>Starts from a random vector.</summary>
    /// <param name="weight">[O, ...], seen as the matrix [O, the rest].</param>
    /// <param name="random">Where the initial vector comes from, on the CPU.</param>
    public SpectralNorm(Tensor weight, Generator random)
    {
        ArgumentNullException.ThrowIfNull(weight);
        using var scope = new TensorScope();
        _u = Buffer("u", Normalised(Tensor.Randn([weight.Size(0)], random)));
    }

    /// <summary>The weight divided by its norm.</summary>
    public Tensor Normalise(Tensor weight)
    {
        ArgumentNullException.ThrowIfNull(weight);
        using var scope = new TensorScope();
        var matrix = weight.Reshape(weight.Size(0), -1); // [O, I]
        var u = _u.Tensor.Clone();                       // [O]; the backward pass needs it as it is now
        Tensor v;                                        // [I]
        using (Autograd.NoGrad())
        {
            v = Normalised(matrix.Transpose().MatMul(u));
            if (IsTraining)
            {
                u = Normalised(matrix.MatMul(v));
                _u.Tensor.CopyFrom(u);
            }
        }

        var sigma = (u * matrix.MatMul(v)).Sum();
        return scope.Keep(weight / sigma);
    }

    private static Tensor Normalised(Tensor vector) => vector / vector.Norm().Clamp(Epsilon, null);
}
