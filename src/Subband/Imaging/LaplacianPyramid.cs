using Subband.Torch;

namespace Subband.Imaging;

/// <summary>The bands of images, and the coarsest images.</summary>
/// <param name="Bands">h_0, the finest, to h_{K−1}: [N, C, H_k, W_k].</param>
/// <param name="Coarsest">I_K: [N, C, H_K, W_K].</param>
public sealed record Pyramid(IReadOnlyList<Tensor> Bands, Tensor Coarsest);

/// <summary>
/// The Laplacian pyramid: I_0 = I, I_{k+1} = d(I_k), l_k = u(I_{k+1}), h_k = I_k − l_k. Adding the bands again from the
/// coarsest image gives the image back, whatever d and u are.
/// </summary>
/// <remarks>
/// Burt and Adelson, "The Laplacian Pyramid as a Compact Image Code" (1983); Denton et al. 2015, section 2. Sizes may be
/// any, odd ones and ratios such as 14 to 8 included. Both maps are linear and separable: see
/// <see cref="PyramidMatrix"/>.
/// </remarks>
public static class LaplacianPyramid
{
    /// <summary>d: shrinks images.</summary>
    /// <param name="images">[N, C, H, W].</param>
    /// <param name="height">Rows of the result, at most H.</param>
    /// <param name="width">Columns of the result, at most W.</param>
    /// <param name="filter">Which d.</param>
    /// <returns>[N, C, height, width].</returns>
    public static Tensor Down(Tensor images, int height, int width, PyramidFilter filter) =>
        Map(images, height, width, filter, PyramidMatrix.Down);

    /// <summary>u: enlarges images smoothly.</summary>
    /// <param name="images">[N, C, H, W].</param>
    /// <param name="height">Rows of the result, at least H.</param>
    /// <param name="width">Columns of the result, at least W.</param>
    /// <param name="filter">Which u.</param>
    /// <returns>[N, C, height, width].</returns>
    public static Tensor Up(Tensor images, int height, int width, PyramidFilter filter) =>
        Map(images, height, width, filter, PyramidMatrix.Up);

    /// <summary>Takes images apart.</summary>
    /// <param name="images">I_0 [N, C, H, W].</param>
    /// <param name="coarser">Height and width of I_1 to I_K.</param>
    /// <param name="filter">Which d and u.</param>
    public static Pyramid Decompose(
        Tensor images, IReadOnlyList<(int Height, int Width)> coarser, PyramidFilter filter)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(coarser);
        using var scope = new TensorScope();
        var bands = new List<Tensor>();
        var image = images;
        foreach (var (height, width) in coarser)
        {
            var next = Down(image, height, width, filter);
            bands.Add(scope.Keep(image - Up(next, (int)image.Size(2), (int)image.Size(3), filter)));
            image = next;
        }

        return new Pyramid(bands, scope.Keep(image));
    }

    /// <summary>Puts images together again.</summary>
    /// <returns>I_0 [N, C, H, W].</returns>
    public static Tensor Reconstruct(Pyramid pyramid, PyramidFilter filter)
    {
        ArgumentNullException.ThrowIfNull(pyramid);
        using var scope = new TensorScope();
        var image = pyramid.Coarsest;
        foreach (var band in pyramid.Bands.Reverse())
        {
            image = Up(image, (int)band.Size(2), (int)band.Size(3), filter) + band;
        }

        return scope.Keep(image);
    }

    private static Tensor Map(
        Tensor images, int height, int width, PyramidFilter filter, Func<int, int, PyramidFilter, DType, Device, Tensor> matrix)
    {
        ArgumentNullException.ThrowIfNull(images);
        using var scope = new TensorScope();
        var rows = matrix((int)images.Size(2), height, filter, images.DType, images.Device);    // [height, H]
        var columns = matrix((int)images.Size(3), width, filter, images.DType, images.Device);  // [width, W]
        return scope.Keep(rows.MatMul(images).MatMul(columns.Transpose()));
    }
}
