using Subband.Torch;
using Subband.Torch.Modules;

namespace Subband.Models.SuperResolution;

/// <summary>The enlargement at the end of RDN and RCAN: for each factor 2 (or one factor 3) a convolution and a pixel shuffle.</summary>
/// <remarks>Shi et al. 2016; twice by 2 for x4, three times for x8, without an activation between.</remarks>
internal sealed class PixelShuffleUpsampler : Layer
{
    private readonly int[] _steps;
    private readonly Conv2d[] _convolutions;

    /// <summary>Makes it.</summary>
    /// <param name="factor">3 or a power of 2.</param>
    /// <param name="inputs">Channels coming in.</param>
    /// <param name="width">Channels going out.</param>
    /// <param name="random">Where the initial values come from.</param>
    public PixelShuffleUpsampler(int factor, int inputs, int width, Generator random)
    {
        _steps = Steps(factor);
        _convolutions = [.. _steps.Select((step, i) => new Conv2d(i == 0 ? inputs : width, width * step * step, 3, random, padding: 1))];
        for (var i = 0; i < _convolutions.Length; i++)
        {
            Child($"{2 * i}", _convolutions[i]); // between them the pixel shuffles, which others count as layers too
        }
    }

    /// <summary>The factors of which a factor is made up.</summary>
    public static int[] Steps(int factor) => factor == 3 ? [3] : [.. Enumerable.Repeat(2, int.Log2(factor))];

    /// <summary>Whether a factor is made up of such.</summary>
    public static bool Takes(int factor) => factor == 3 || (factor >= 2 && int.IsPow2(factor));

    public override Tensor Forward(Tensor x) => _convolutions
        .Zip(_steps)
        .Aggregate(x, (signal, layer) => layer.First.ForwardShuffled(signal, layer.Second));

    public PixelSpan Sources(PixelSpan outputs) =>
        _steps.Aggregate(outputs, (range, step) => range.Shuffled(step).Convolved(3)); // all steps but a single one are alike
}
