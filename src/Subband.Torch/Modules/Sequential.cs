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

    // A convolution and what is behind it, a pixel shuffle, a rectifier or both, are one step.
    private Tensor Forward(Tensor x, int count)
    {
        Tensor signal = x;
        for (int i = 0; i < count; i++)
        {
            Tensor before = signal;
            (signal, int more) = _layers.AsSpan(i, count - i) switch
            {
                [Conv2d conv, Relu, ..] => (conv.ForwardRelu(signal), 1),
                [Conv2d conv, PRelu rectifier, ..] => (conv.ForwardPRelu(signal, rectifier.Weight), 1),
                [Conv2d conv, PixelShuffle shuffle, PRelu rectifier, ..] => (conv.ForwardShuffled(signal, shuffle.Factor, rectifier.Weight), 2),
                [Conv2d conv, PixelShuffle shuffle, ..] => (conv.ForwardShuffled(signal, shuffle.Factor), 1),
                _ => (_layers[i].Forward(signal), 0),
            };
            i += more;
            if (before != x && before != signal)
            {
                before.Dispose(); // else all of a long row would be there at once, until its caller's scope ends
            }
        }

        return signal;
    }
}
