using System.Globalization;
using Subband.Torch;
using Subband.Torch.Modules;

namespace Subband.Models.StyleGan2;

/// <summary>Turns a latent vector z into a style w: z brought to the length √512, then linear layers with rectifiers.</summary>
/// <remarks>
/// Karras et al., "A Style-Based Generator Architecture for Generative Adversarial Networks" (2019), section 2. The layers are named 1, 2, … as
/// in rosinality/stylegan2-pytorch, whose <c>style.0</c> is the normalisation.
/// </remarks>
public sealed class MappingNetwork : Module
{
    private const double RateFactor = 0.01;
    private const double Epsilon = 1e-8;

    private readonly EqualizedLinear[] _layers;

    /// <summary>Makes the network.</summary>
    /// <param name="width">Numbers of z and of w.</param>
    /// <param name="layers">Linear layers, 8 in the paper.</param>
    /// <param name="random">Where the initial values come from, on the CPU.</param>
    public MappingNetwork(int width, int layers, Generator random) =>
        _layers = [.. Enumerable.Range(1, layers).Select(i => Child(
            i.ToString(CultureInfo.InvariantCulture),
            new EqualizedLinear(width, width, random, rateFactor: RateFactor, isActivated: true)))];

    /// <summary>Computes styles.</summary>
    /// <param name="z">[N, width].</param>
    /// <returns>w, [N, width].</returns>
    public Tensor Forward(Tensor z)
    {
        ArgumentNullException.ThrowIfNull(z);
        using var scope = new TensorScope();
        var normalised = z * (z.Square().Mean([1], keep: true) + Epsilon).RSqrt();
        return scope.Keep(_layers.Aggregate(normalised, (w, layer) => layer.Forward(w)));
    }
}
