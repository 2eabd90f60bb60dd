using Subband.Torch;
using Subband.Torch.Modules;

namespace Subband.Models.Features;

/// <summary>
/// Layers one after the other, named <c>features.0</c>, <c>features.1</c>, … as in torchvision, of which the outputs of some are wanted.
/// For use, not for training: the weights come from a file and get no gradients, but gradients flow through to the images.
/// </summary>
public abstract class FeatureLayers : Module, IFeatureNetwork
{
    private readonly string _name;
    private readonly int[] _taps;
    private readonly int _smallest;
    private readonly Layer[] _features;

    /// <summary>Puts the layers in a row.</summary>
    /// <param name="name">What messages call the network.</param>
    /// <param name="smallest">The smallest side of an image that reaches the last tap.</param>
    /// <param name="taps">After which layers an output is wanted, ascending.</param>
    /// <param name="features">The layers; those behind the last tap are left out.</param>
    protected FeatureLayers(string name, int smallest, int[] taps, Layer[] features)
    {
        (_name, _smallest, _taps) = (name, smallest, taps);
        _features = features;
        Child("features", new Sequential(features));
    }

    /// <inheritdoc/>
    /// <exception cref="TensorShapeException">The images are not [N, 3, H, W], or too small.</exception>
    public Tensor[] Taps(Tensor images)
    {
        ArgumentNullException.ThrowIfNull(images);
        if (images.Dimensions != 4 || images.Size(1) != 3 || Math.Min(images.Size(2), images.Size(3)) < _smallest)
        {
            throw new TensorShapeException(
                $"{_name}: images [N, 3, H, W] with sides of at least {_smallest} were expected, the tensor is {images}.", _name);
        }

        using TensorScope scope = new();
        List<Tensor> taps = [];
        Tensor x = images.Contiguous(MemoryFormat.ChannelsLast);
        for (int i = 0; i <= _taps[^1]; i++)
        {
            x = _features[i].Forward(x);
            if (_taps.Contains(i))
            {
                taps.Add(scope.Keep(x));
            }
        }

        return [.. taps];
    }
}
