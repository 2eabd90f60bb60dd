using Subband.Torch;

namespace Subband.Imaging;

/// <summary>Images taken apart into bands of detail; see <see cref="LaplacianPyramid.Decompose"/>.</summary>
/// <param name="Bands">h_0 to h_{K-1}, level 0 the finest, each [N, C, H_k, W_k].</param>
/// <param name="Coarsest">I_K, the coarsest image, [N, C, H_K, W_K].</param>
/// <remarks>The tensors belong to the scope in which the pyramid was made.</remarks>
public sealed record Pyramid(IReadOnlyList<Tensor> Bands, Tensor Coarsest);
