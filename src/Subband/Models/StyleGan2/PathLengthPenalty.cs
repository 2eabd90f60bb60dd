using Subband.Torch;

namespace Subband.Models.StyleGan2;

/// <summary>
/// Asks that a step of a style changes the image equally much wherever it begins and wherever it leads: the length of the gradient of a
/// randomly weighted sum of the pixels shall be its running mean.
/// </summary>
/// <remarks>
/// Karras et al. 2020, section 3.2 and appendix B; <c>g_path_regularize</c> of rosinality/stylegan2-pytorch: the length is the root of the mean
/// over the layers, and the newest lengths' part in the mean is differentiated too.
/// </remarks>
internal sealed class PathLengthPenalty : IDisposable
{
    private readonly double _decay;
    private readonly Tensor _mean;

    /// <summary>Begins with a mean of 0.</summary>
    /// <param name="decay">Share of the newest in the mean.</param>
    /// <param name="device">Where to compute.</param>
    public PathLengthPenalty(double decay, Device device)
    {
        _decay = decay;
        _mean = TensorScope.Release(Tensor.Zeros([], device: device));
    }

    /// <summary>The running mean, a scalar that belongs to this; to be saved and restored.</summary>
    public Tensor Mean => _mean;

    /// <summary>Moves the mean, and computes the penalty.</summary>
    /// <param name="images">Made of <paramref name="styles"/>, recorded, [N, C, H, W].</param>
    /// <param name="styles">w of each layer, [N, L, width], for which gradients are recorded.</param>
    /// <param name="y">Weights of the pixels, of the images' shape: see <see cref="StyleDraws"/>.</param>
    /// <returns>The penalty, recorded, and the mean of the lengths; scalars.</returns>
    public (Tensor Penalty, Tensor Length) Of(Tensor images, Tensor styles, Tensor y)
    {
        using var scope = new TensorScope();
        var gradient = Autograd.Grad((images * y).Sum(), [styles], createGraph: true)[0];   // [N, L, width]
        var lengths = gradient.Square().Sum([2]).Mean([1]).Sqrt();                          // [N]
        var mean = _mean + ((lengths.Mean() - _mean) * _decay);
        using (Autograd.NoGrad())
        {
            _mean.CopyFrom(mean);
        }

        return (scope.Keep((lengths - mean).Square().Mean()), scope.Keep(lengths.Mean().Detach()));
    }

    /// <inheritdoc/>
    public void Dispose() => _mean.Dispose();
}
