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
    public override Tensor Forward(Tensor x) => Forward(x, _layers.Length);

    /// <summary><see cref="Forward(Tensor)"/> plus an image, in one pass over memory where the last layer can.</summary>
    /// <param name="x">What the first layer takes.</param>
    /// <param name="plus">Of the shape that the last layer makes.</param>
    public Tensor ForwardPlus(Tensor x, Tensor plus) => _layers is [.., Conv2d last]
        ? last.ForwardPlus(Forward(x, _layers.Length - 1), plus)
        : RowWalk.Sum(Forward(x), plus);

    // A convolution and the rectifier behind it are one step.
    private Tensor Forward(Tensor x, int count)
    {
        Tensor signal = x;
        for (int i = 0; i < count; i++)
        {
            Tensor before = signal;
            (signal, bool isPair) = (_layers[i], i + 1 < count ? _layers[i + 1] : null) switch
            {
                (Conv2d conv, Relu) => (conv.ForwardRelu(signal), true),
                (Conv2d conv, PRelu rectifier) => (conv.ForwardPRelu(signal, rectifier.Weight), true),
                (var layer, _) => (layer.Forward(signal), false),
            };
            i += isPair ? 1 : 0;
            if (before != x && before != signal)
            {
                before.Dispose(); // else all of a long row would be there at once, until its caller's scope ends
            }
        }

        return signal;
    }
}
