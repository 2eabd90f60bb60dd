namespace Subband.Imaging;

/// <summary>A pair of d (smooth and shrink) and u (enlarge) of which a <see cref="LaplacianPyramid"/> is made.</summary>
/// <remarks>
/// Both work along one axis at a time, take any size to any other, and keep constants. n is the finer size, m the coarser.
/// </remarks>
public enum PyramidFilter
{
    /// <summary>
    /// d: each coarse sample is the mean of the interval of length n/m that it covers, samples at its ends counting in
    /// part; for n = 2m this is the mean of two. u: linear interpolation with the outermost samples on each other. What
    /// the authors of LAPGAN used (Torch7's <c>image.scale</c>).
    /// </summary>
    Area,

    /// <summary>
    /// The five-tap binomial kernel (1, 4, 6, 4, 1)/16 of Burt and Adelson, "The Laplacian Pyramid as a Compact Image
    /// Code", IEEE Trans. Communications 31 (1983). Coarse sample i lies at fine position s·i, with s = 2 where
    /// m = ⌈n/2⌉, which gives their REDUCE and EXPAND, and otherwise s = (n-1)/(m-1), which puts the outermost samples
    /// on each other. Between its taps the kernel is linear, in steps of half a coarse sample, so that it serves every
    /// ratio. Beyond the edge the outermost sample is repeated.
    /// </summary>
    Binomial,
}
