using Subband.Torch.Native;

namespace Subband.Torch;

/// <content>Products and decompositions of matrices, batched over leading dimensions.</content>
public sealed partial class Tensor
{
    /// <summary>The matrix product: [..., M, K] · [..., K, N] = [..., M, N].</summary>
    public Tensor MatMul(Tensor other) => Operators.MatMul.Call(this, other);

    /// <summary>The eigenvalues, ascending, and eigenvectors (columns) of symmetric matrices [..., N, N].</summary>
    public (Tensor Values, Tensor Vectors) EigenSymmetric() => Operators.EigH.CallForTwo(this);

    /// <summary>The eigenvalues, ascending, of symmetric matrices [..., N, N].</summary>
    public Tensor EigenvaluesSymmetric() => Operators.EigValsH.Call(this);

    /// <summary>The singular values, descending, of matrices [..., M, N].</summary>
    public Tensor SingularValues() => Operators.SvdVals.Call(this);

    /// <summary>The diagonal of a matrix, a view.</summary>
    public Tensor Diagonal() => Operators.Diagonal.Call(this);
}
