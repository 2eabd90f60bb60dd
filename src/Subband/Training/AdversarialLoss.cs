using Subband.Torch;

namespace Subband.Training;

/// <summary>The game between a generator and a discriminator.</summary>
public enum AdversarialLossKind
{
    /// <summary>Cross-entropy, and the generator minimises log(1 − D): Goodfellow et al. 2014, equation 1.</summary>
    Minimax,

    /// <summary>Cross-entropy, and the generator maximises log D: Goodfellow et al. 2014, section 3.</summary>
    NonSaturating,

    /// <summary>Hinge: Lim and Ye 2017, equations 9 and 10.</summary>
    Hinge,
}

/// <summary>What discriminator and generator minimise, from logits [N].</summary>
public static class AdversarialLoss
{
    /// <summary>
    /// The discriminator's loss. Both cross-entropies are averaged over real and generated images together, as Torch's
    /// criterion over one mixed batch does: ½ (E softplus(−real) + E softplus(generated)). The hinge is the usual sum.
    /// </summary>
    /// <param name="kind">The game.</param>
    /// <param name="real">Logits of real images.</param>
    /// <param name="generated">Logits of generated images.</param>
    public static Tensor Discriminator(AdversarialLossKind kind, Tensor real, Tensor generated) => kind switch
    {
        AdversarialLossKind.Hinge =>
            Functional.Relu(1 - real).Mean() + Functional.Relu(generated + 1).Mean(),
        _ => (Functional.Softplus(-real).Mean() + Functional.Softplus(generated).Mean()) * 0.5,
    };

    /// <summary>The generator's loss.</summary>
    /// <param name="kind">The game.</param>
    /// <param name="generated">Logits of generated images.</param>
    public static Tensor Generator(AdversarialLossKind kind, Tensor generated)
    {
        ArgumentNullException.ThrowIfNull(generated);
        return kind switch
        {
            AdversarialLossKind.Minimax => -Functional.Softplus(generated).Mean(),
            AdversarialLossKind.NonSaturating => Functional.Softplus(-generated).Mean(),
            _ => -generated.Mean(),
        };
    }

    /// <summary>The R1 penalty ½ γ E |∇ₓ D(x)|² at real images: Mescheder et al. 2018, equation 9.</summary>
    /// <param name="logits">D(x) [N], recorded.</param>
    /// <param name="images">x, for which gradients are recorded.</param>
    /// <param name="gamma">γ.</param>
    public static Tensor R1(Tensor logits, Tensor images, double gamma)
    {
        ArgumentNullException.ThrowIfNull(logits);
        var gradient = Autograd.Grad(logits.Sum(), [images], createGraph: true)[0]; // [N, C, H, W]
        return gradient.To(DType.Float32).Square().Sum([1, 2, 3]).Mean() * (gamma / 2);
    }
}
