using Subband.Torch;

namespace Subband.Models.SuperResolution;

/// <summary>
/// Enlarges each image in its eight positions, mirrored and turned, and takes the mean of what comes out, turned back: what
/// the literature marks with a "+". It takes eight times as long.
/// </summary>
/// <remarks>
/// Timofte, Rothe and Van Gool, "Seven ways to improve example-based single image super resolution", CVPR 2016; as in EDSR,
/// RDN and RCAN the mean is one of real numbers, before anything is rounded.
/// </remarks>
public sealed class SelfEnsemble : IUpscaler
{
    private const int Positions = 8;

    private readonly IUpscaler _inner;

    /// <summary>Wraps an upscaler, which it owns from now on.</summary>
    /// <param name="inner">The upscaler.</param>
    public SelfEnsemble(IUpscaler inner)
    {
        ArgumentNullException.ThrowIfNull(inner);
        _inner = inner;
    }

    /// <inheritdoc/>
    public IReadOnlyList<int> Scales => _inner.Scales;

    /// <inheritdoc/>
    public int? Reach(int scale) => _inner.Reach(scale);

    /// <inheritdoc/>
    public Tensor Upscale(Tensor images, int scale)
    {
        ArgumentNullException.ThrowIfNull(images);
        using TensorScope scope = new();
        Tensor? sum = null;
        for (int position = 0; position < Positions; position++)
        {
            using TensorScope one = new();
            Tensor turnedBack = TurnBack(_inner.Upscale(Turn(images, position), scale), position);
            if (sum is null)
            {
                sum = one.Keep(turnedBack.Clone());
            }
            else
            {
                _ = sum.AddInPlace(turnedBack);
            }
        }

        return scope.Keep(sum! / Positions);
    }

    /// <inheritdoc/>
    public void Dispose() => _inner.Dispose();

    // Three bits: mirrored top to bottom, mirrored left to right, rows and columns exchanged.
    private static Tensor Turn(Tensor images, int position)
    {
        Tensor turned = Mirror(images, position);
        return (position & 4) == 0 ? turned : turned.Transpose().Contiguous();
    }

    private static Tensor TurnBack(Tensor images, int position) =>
        Mirror((position & 4) == 0 ? images : images.Transpose(), position);

    private static Tensor Mirror(Tensor images, int position) => (position & 3) switch
    {
        1 => images.Flip(2),
        2 => images.Flip(3),
        3 => images.Flip(2, 3),
        _ => images,
    };
}
