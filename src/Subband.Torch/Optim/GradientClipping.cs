namespace Subband.Torch.Optim;

/// <summary>Keeps gradients from growing beyond a bound.</summary>
/// <remarks>
/// Gradients of <see cref="Autograd"/> may share memory with each other: a sum hands the same one to all its terms. So they
/// are not changed in place. The array gets new ones, and those that stood there stay their holder's, or their scope's.
/// </remarks>
public static class GradientClipping
{
    // As PyTorch's clip_grad_norm_, so that the same settings train the same network.
    private const double Epsilon = 1e-6;

    // libtorch sums a norm's squares in single precision, one after the other: over 20 million equal values the sum is
    // 2 % short. Over pieces of this size it is right to five digits at the worst.
    private const long Piece = 1 << 16;

    /// <summary>The Euclidean length of all gradients taken as one vector; not finite when one of their values is not.</summary>
    public static double GlobalNorm(IReadOnlyList<Tensor> gradients)
    {
        ArgumentNullException.ThrowIfNull(gradients);
        if (gradients.Count == 0)
        {
            return 0;
        }

        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        Tensor[] norms = [.. gradients.SelectMany(Pieces).Select(piece => piece.Norm())];
        return Tensor.Stack(norms).To(DType.Float64).Norm().Item(); // one wait for the device
    }

    /// <summary>Scales all gradients by one factor so that their <see cref="GlobalNorm"/> is at most a bound.</summary>
    /// <param name="gradients">Replaced by scaled ones when they are too long.</param>
    /// <param name="maximum">The bound, above 0.</param>
    /// <returns>
    /// The length before. When it is not finite, nothing has been replaced and <see cref="FirstNonFinite"/> finds out where.
    /// </returns>
    public static double ByNorm(Tensor[] gradients, double maximum)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maximum);
        var norm = GlobalNorm(gradients);
        var scale = maximum / (norm + Epsilon);
        if (scale < 1 && double.IsFinite(norm))
        {
            using var noGrad = Autograd.NoGrad();
            for (var i = 0; i < gradients.Length; i++)
            {
                gradients[i] *= scale;
            }
        }

        return norm;
    }

    /// <summary>Brings each value of each gradient into the range from −maximum to maximum. NaN stays NaN.</summary>
    /// <param name="gradients">Replaced by clamped ones.</param>
    /// <param name="maximum">The bound, above 0.</param>
    public static void ByValue(Tensor[] gradients, double maximum)
    {
        ArgumentNullException.ThrowIfNull(gradients);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maximum);
        using var noGrad = Autograd.NoGrad();
        for (var i = 0; i < gradients.Length; i++)
        {
            gradients[i] = gradients[i].Clamp(-maximum, maximum);
        }
    }

    /// <summary>The name of the first tensor that holds an infinity or NaN; null when all values are finite.</summary>
    public static string? FirstNonFinite(IEnumerable<(string Name, Tensor Tensor)> tensors)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        foreach (var (name, tensor) in tensors)
        {
            using var scope = new TensorScope();
            if (tensor.Detach().IsFinite().All().Item() == 0)
            {
                return name;
            }
        }

        return null;
    }

    private static Tensor[] Pieces(Tensor gradient) => gradient.Count <= Piece ? [gradient] : gradient.Reshape(-1).Split(Piece);
}
