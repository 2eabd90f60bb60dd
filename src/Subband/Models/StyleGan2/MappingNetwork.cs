using System.Globalization;
using Subband.Torch;
using Subband.Torch.Modules;

namespace Subband.Models.StyleGan2;

/// <summary>Turns a latent vector z into a style w: z brought to the length √512, then linear layers with rectifiers.</summary>
/// <remarks>
/// Karras et al., "A Style-Based Generator Architecture for Generative Adversarial Networks" (2019), section 2. The layers are named 1, 2, … as
/// in rosinality/stylegan2-pytorch, whose <c>style.0</c> is the normalisation. Of a class a vector is learned (part <c>embed</c>), which is brought
/// to the same length and stands behind z, as in NVlabs/stylegan2-ada-pytorch.
/// </remarks>
public sealed class MappingNetwork : Module
{
    private const double RateFactor = 0.01;

    private readonly EqualizedLinear? _embed;
    private readonly EqualizedLinear[] _layers;

    /// <summary>Makes the network.</summary>
    /// <param name="width">Numbers of z and of w.</param>
    /// <param name="layers">Linear layers, 8 in the paper.</param>
    /// <param name="classes">Classes; 0 for none.</param>
    /// <param name="random">Where the initial values come from, on the CPU.</param>
    public MappingNetwork(int width, int layers, int classes, Generator random)
    {
        Width = width;
        _embed = classes > 0 ? Child("embed", new EqualizedLinear(classes, width, random)) : null;
        _layers = [.. Enumerable.Range(1, layers).Select(i => Child(
            i.ToString(CultureInfo.InvariantCulture),
            new EqualizedLinear(i == 1 && classes > 0 ? 2 * width : width, width, random, rateFactor: RateFactor, isActivated: true)))];
    }

    /// <summary>Numbers of z and of w.</summary>
    public int Width { get; }

    /// <summary>Computes styles, in the precision of z whatever the convolutions' is.</summary>
    /// <param name="z">[N, width].</param>
    /// <param name="classes">One-hot [N, classes]; null for a network without classes.</param>
    /// <returns>w, [N, width].</returns>
    public Tensor Forward(Tensor z, Tensor? classes = null)
    {
        ArgumentNullException.ThrowIfNull(z);
        if ((classes is null) != (_embed is null))
        {
            throw new ArgumentException(
                _embed is null ? "This network has no classes." : "This network has classes; it needs to be told that of each image.", nameof(classes));
        }

        using var scope = new TensorScope();
        using var exact = new Autocast(z.Device.Type, enabled: false);
        var x = UnitPower.Of(z);
        x = _embed is null ? x : Tensor.Cat([x, UnitPower.Of(_embed.Forward(classes!))], 1);
        return scope.Keep(_layers.Aggregate(x, (w, layer) => layer.Forward(w)));
    }
}

/// <summary>Vectors of which the mean square is 1.</summary>
internal static class UnitPower
{
    private const double Epsilon = 1e-8;

    /// <summary>[N, width] to the same, each vector divided by the root of its mean square.</summary>
    public static Tensor Of(Tensor x) => x * (x.Square().Mean([1], keep: true) + Epsilon).RSqrt();
}
