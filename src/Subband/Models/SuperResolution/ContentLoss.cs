using Subband.Models.Features;
using Subband.Torch;
using Subband.Torch.Serialization;

namespace Subband.Models.SuperResolution;

/// <summary>How different two images are to a network that was trained to tell photographs apart.</summary>
/// <remarks>
/// With VGG19, SRGAN's: the mean squared difference of the features φ(i,j), times 1/12.75 each (Ledig et al. 2017, equation 5).
/// For those who have no VGG19, with SqueezeNet 1.1, that of LPIPS without its weights (Zhang et al. 2018): features of seven
/// layers are brought to the length 1 at each position, and the mean squared differences are added up.
/// </remarks>
internal sealed class ContentLoss : IDisposable
{
    private const double Epsilon = 1e-10;

    private readonly Vgg19? _vgg;
    private readonly SqueezeNet? _squeeze;

    private ContentLoss(Vgg19 vgg) => _vgg = vgg;

    private ContentLoss(SqueezeNet squeeze) => _squeeze = squeeze;

    /// <summary>Reads the network; which one it is, the names in the file tell.</summary>
    /// <param name="settings">The file, and of a VGG19 the layer.</param>
    /// <param name="device">Where to compute.</param>
    /// <exception cref="SubbandException">The file is missing, damaged, or of another network.</exception>
    public static ContentLoss Load(LossSettings settings, Device device)
    {
        bool isSqueezeNet;
        using (var file = TensorFile.Load(settings.Features))
        {
            isSqueezeNet = file.Names.Any(name => name.EndsWith("features.3.squeeze.weight", StringComparison.Ordinal));
        }

        return isSqueezeNet
            ? new ContentLoss(SqueezeNet.Load(settings.Features, device))
            : new ContentLoss(Vgg19.Load(settings.Features, settings.FeatureLayer, settings.AfterActivation, Vgg19.SrganScale, device));
    }

    /// <summary>The difference; gradients flow to the first images.</summary>
    /// <param name="images">[N, 3, H, W] in [0,1].</param>
    /// <param name="wanted">The same shape.</param>
    public Tensor Between(Tensor images, Tensor wanted)
    {
        using var scope = new TensorScope();
        if (_vgg is not null)
        {
            return scope.Keep(Functional.MeanSquaredError(_vgg.Forward(images), WithoutGradients(() => _vgg.Forward(wanted))));
        }

        var found = Unit(images);
        var sought = WithoutGradients(() => Unit(wanted));
        return scope.Keep(found.Zip(sought, (a, b) => (a - b).Square().Sum([1]).Mean()).Aggregate((sum, layer) => sum + layer));
    }

    public void Dispose()
    {
        _vgg?.Dispose();
        _squeeze?.Dispose();
    }

    private Tensor[] Unit(Tensor images) =>
    [
        .. _squeeze!.Taps(ImageNetColours.Standardise(images))
            .Select(features => features / ((features.Square().Sum([1], keep: true) + Epsilon).Sqrt())),
    ];

    private static T WithoutGradients<T>(Func<T> compute)
    {
        using var noGrad = Autograd.NoGrad();
        return compute();
    }
}
