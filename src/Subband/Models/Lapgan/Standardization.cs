using Subband.Imaging;
using Subband.Torch;
using Subband.Torch.Modules;
using Subband.Torch.Serialization;

namespace Subband.Models.Lapgan;

/// <summary>
/// Brings each colour of each pixel position to mean 0 and deviation 1 over the training images, and back. Buffers
/// <c>mean</c> and <c>deviation</c> [3, F, F].
/// </summary>
/// <remarks>The release's <c>utils/image.lua</c>: at the finest size, before any scaling; deviation with 1/N, plus 1e-7.</remarks>
internal sealed class Standardization : Module
{
    private const string Prefix = "standardization.";
    private const double Epsilon = 1e-7;

    private readonly Slot _mean;
    private readonly Slot _deviation;

    public Standardization(int size, Device device)
    {
        _mean = Buffer("mean", Tensor.Zeros([3, size, size]));
        _deviation = Buffer("deviation", Tensor.Ones([3, size, size]));
        To(device);
    }

    /// <summary>Sets the statistics.</summary>
    /// <param name="mean">[3, F, F] of the images in [-1, 1].</param>
    /// <param name="deviation">[3, F, F], with 1/N.</param>
    public void Set(Tensor mean, Tensor deviation)
    {
        using var scope = new TensorScope();
        _mean.Tensor.CopyFrom(mean);
        _deviation.Tensor.CopyFrom(deviation + Epsilon);
    }

    /// <summary>The sum over all values of an image of the logarithm of the deviation: what one unit of the networks is in [-1, 1].</summary>
    public double LogDeviation
    {
        get
        {
            using var scope = new TensorScope();
            return _deviation.Tensor.To(DType.Float64).Log().Sum().Item();
        }
    }

    /// <summary>From [-1, 1] to the networks' range.</summary>
    public Tensor Apply(Tensor images) => (images - _mean) / _deviation;

    /// <summary>From the networks' range to [-1, 1], not clamped, at any level of the pyramid.</summary>
    /// <param name="images">[N, 3, F_k, F_k].</param>
    /// <param name="pyramid">By which the statistics are brought to that size.</param>
    public Tensor Invert(Tensor images, LaplacianPyramid pyramid) =>
        InvertBand(images, pyramid) + At(_mean, images, pyramid);

    /// <summary>From the networks' range to differences of images in [-1, 1].</summary>
    /// <param name="bands">[N, 3, F_k, F_k].</param>
    /// <param name="pyramid">By which the statistics are brought to that size.</param>
    public Tensor InvertBand(Tensor bands, LaplacianPyramid pyramid) => bands * At(_deviation, bands, pyramid);

    private static Tensor At(Tensor statistics, Tensor images, LaplacianPyramid pyramid)
    {
        var (height, width) = ((int)images.Size(2), (int)images.Size(3));
        return height == statistics.Size(1)
            ? statistics
            : pyramid.Down(statistics.Unsqueeze(0), height, width).Squeeze(0);
    }

    public new IEnumerable<(string Name, Tensor Tensor)> NamedTensors() =>
        base.NamedTensors().Select(t => (Prefix + t.Name, t.Tensor));

    public void Load(TensorArchive model) => CopyFrom(name => model.Find(Prefix + name), model.Path);
}
