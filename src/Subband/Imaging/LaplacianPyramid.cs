using Subband.Torch;

namespace Subband.Imaging;

/// <summary>
/// Takes images apart into a coarse image and the bands of detail that are missing at each finer size, and puts them
/// together again.
/// </summary>
/// <remarks>
/// <para>With I_0 the image, I_{k+1} = d(I_k) is the next coarser one, l_k = u(I_{k+1}) its enlargement, and
/// h_k = I_k - l_k the band of level k, level 0 the finest (Burt and Adelson 1983; Denton et al. 2015, section 2.2).
/// I_k = u(I_{k+1}) + h_k holds for every d and u, so that nothing is lost. For d and u see <see cref="PyramidFilter"/>.</para>
/// <para>d and u are linear and separable, [H', H] x [W, W'] matrices that are made once for each pair of sizes and kept
/// until <see cref="Dispose"/>. They work in full precision under autocast too, and gradients flow through them. The
/// range of the values does not matter. Calls from many threads at once are allowed.</para>
/// </remarks>
public sealed class LaplacianPyramid : IDisposable
{
    private readonly Dictionary<Key, Tensor> _matrices = [];

    /// <summary>Makes a pyramid of one pair of d and u.</summary>
    /// <param name="filter">The pair.</param>
    public LaplacianPyramid(PyramidFilter filter) => Filter = filter;

    /// <summary>The pair of d and u.</summary>
    public PyramidFilter Filter { get; }

    /// <summary>How many matrices are held.</summary>
    internal int Matrices => _matrices.Count;

    /// <summary>d: smooths and shrinks images.</summary>
    /// <param name="x">Images [N, C, H, W] of a floating-point type.</param>
    /// <param name="height">H', at most H; equal to H leaves this axis as it is.</param>
    /// <param name="width">W', at most W.</param>
    /// <returns>[N, C, H', W'], of the type and on the device of <paramref name="x"/>.</returns>
    /// <exception cref="ArgumentException">There are not four dimensions, or a size grows or is below 1.</exception>
    public Tensor Down(Tensor x, int height, int width)
    {
        RequireImages(x);
        if (height < 1 || width < 1 || height > x.Size(2) || width > x.Size(3))
        {
            throw new ArgumentException($"d cannot take {Shape(x)} to {height}x{width}: a size from 1x1 to {Shape(x)} is expected.");
        }

        return Apply(x, height, width, down: true);
    }

    /// <summary>u: enlarges images.</summary>
    /// <param name="x">Images [N, C, H, W] of a floating-point type.</param>
    /// <param name="height">H', at least H; equal to H leaves this axis as it is.</param>
    /// <param name="width">W', at least W.</param>
    /// <returns>[N, C, H', W'], of the type and on the device of <paramref name="x"/>.</returns>
    /// <exception cref="ArgumentException">There are not four dimensions, or a size shrinks.</exception>
    public Tensor Up(Tensor x, int height, int width)
    {
        RequireImages(x);
        if (height < x.Size(2) || width < x.Size(3))
        {
            throw new ArgumentException($"u cannot take {Shape(x)} to {height}x{width}: a size of at least {Shape(x)} is expected.");
        }

        return Apply(x, height, width, down: false);
    }

    /// <summary>Takes images apart.</summary>
    /// <param name="images">I_0, [N, C, H, W].</param>
    /// <param name="sizes">The sizes of the levels 0 to K, the finest first; the first is that of the images.</param>
    /// <exception cref="ArgumentException">The first size is not that of the images, or a later one grows.</exception>
    public Pyramid Decompose(Tensor images, IReadOnlyList<(int Height, int Width)> sizes)
    {
        ArgumentNullException.ThrowIfNull(sizes);
        RequireImages(images);
        if (sizes.Count == 0 || sizes[0].Height != images.Size(2) || sizes[0].Width != images.Size(3))
        {
            throw new ArgumentException(
                $"Level 0 of the pyramid is {(sizes.Count == 0 ? "missing" : $"{sizes[0].Height}x{sizes[0].Width}")}, the images are {Shape(images)}.",
                nameof(sizes));
        }

        using var scope = new TensorScope();
        var bands = new Tensor[sizes.Count - 1];
        Tensor finer = images;
        for (int k = 0; k < bands.Length; k++)
        {
            Tensor coarser = Down(finer, sizes[k + 1].Height, sizes[k + 1].Width);
            bands[k] = scope.Keep(finer - Up(coarser, sizes[k].Height, sizes[k].Width));
            finer = coarser;
        }

        return new Pyramid(bands, ReferenceEquals(finer, images) ? scope.Keep(images.Clone()) : scope.Keep(finer));
    }

    /// <summary>Puts images together: I_k = u(I_{k+1}) + h_k from the coarsest level to level 0.</summary>
    /// <returns>I_0, [N, C, H_0, W_0].</returns>
    public Tensor Reconstruct(Pyramid pyramid)
    {
        ArgumentNullException.ThrowIfNull(pyramid);
        using var scope = new TensorScope();
        Tensor image = pyramid.Coarsest;
        for (int k = pyramid.Bands.Count - 1; k >= 0; k--)
        {
            Tensor band = pyramid.Bands[k];
            image = Up(image, (int)band.Size(2), (int)band.Size(3)) + band;
        }

        return scope.Keep(pyramid.Bands.Count == 0 ? image.Clone() : image);
    }

    /// <summary>Frees the matrices. A later call makes them anew.</summary>
    public void Dispose()
    {
        lock (_matrices)
        {
            foreach (Tensor matrix in _matrices.Values)
            {
                matrix.Dispose();
            }

            _matrices.Clear();
        }
    }

    private static void RequireImages(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        if (x.Dimensions != 4 || !x.DType.IsFloatingPoint())
        {
            throw new ArgumentException($"Images [N, C, H, W] of a floating-point type are expected, this is {x}.", nameof(x));
        }
    }

    private static string Shape(Tensor x) => $"{x.Size(2)}x{x.Size(3)}";

    private Tensor Apply(Tensor x, int height, int width, bool down)
    {
        using var scope = new TensorScope();
        using var fullPrecision = new Autocast(x.Device.Type, enabled: false);
        DType working = x.DType == DType.Float64 ? DType.Float64 : DType.Float32;
        Tensor rows = Matrix((int)x.Size(2), height, down, working, x.Device); // [H', H]
        Tensor columns = Matrix((int)x.Size(3), width, down, working, x.Device); // [W', W]
        Tensor y = x.To(working).MatMul(columns.Transpose()); // [N, C, H, W']
        y = rows.MatMul(y); // [N, C, H', W']
        return scope.Keep(y.To(x.DType));
    }

    private Tensor Matrix(int from, int to, bool down, DType dtype, Device device)
    {
        var key = new Key(from, to, down, dtype, device);
        lock (_matrices)
        {
            if (!_matrices.TryGetValue(key, out Tensor? matrix))
            {
                double[] weights = down ? PyramidMatrix.Down(Filter, from, to) : PyramidMatrix.Up(Filter, from, to);
                using var scope = new TensorScope();
                matrix = TensorScope.Release(Tensor.From(weights, to, from).To(dtype).To(device));
                _matrices.Add(key, matrix);
            }

            return matrix;
        }
    }

    private readonly record struct Key(int From, int To, bool Down, DType DType, Device Device);
}
