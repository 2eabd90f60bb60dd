using System.Globalization;

namespace Subband.Torch.Modules;

/// <summary>Layers one after the other, named 0, 1, 2, … as in PyTorch.</summary>
public sealed class Sequential : Layer
{
    private readonly Layer[] _layers;

    /// <summary>Puts layers in a row, of which this module becomes the owner.</summary>
    public Sequential(params Layer[] layers)
    {
        ArgumentNullException.ThrowIfNull(layers);
        _layers = layers;
        for (var i = 0; i < layers.Length; i++)
        {
            Child(i.ToString(CultureInfo.InvariantCulture), layers[i]);
        }
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x) => _layers.Aggregate(x, (signal, layer) => layer.Forward(signal));
}
