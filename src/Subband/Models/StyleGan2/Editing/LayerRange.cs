using System.Globalization;

namespace Subband.Models.StyleGan2.Editing;

/// <summary>Neighbouring layers of a generator, 0 the coarsest.</summary>
/// <param name="First">The first.</param>
/// <param name="Last">The last, included.</param>
public readonly record struct LayerRange(int First, int Last)
{
    /// <summary>All layers of a generator.</summary>
    /// <param name="layers">How many it has.</param>
    public static LayerRange All(int layers) => new(0, layers - 1);

    /// <summary>Reads <c>4-7</c>, <c>4</c>, or nothing for all.</summary>
    /// <param name="text">What was written.</param>
    /// <param name="layers">How many layers the generator has.</param>
    /// <exception cref="UsageException">It is no such text, or out of bounds; the message says the bounds.</exception>
    public static LayerRange Parse(string text, int layers)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length == 0)
        {
            return All(layers);
        }

        var ends = text.Split('-');
        var range = ends.Length <= 2 && int.TryParse(ends[0], NumberStyles.None, CultureInfo.InvariantCulture, out var first)
            && int.TryParse(ends[^1], NumberStyles.None, CultureInfo.InvariantCulture, out var last)
                ? new LayerRange(first, last)
                : throw new UsageException($"Layers are given as in 4-7, or 4 for one; '{text}' is neither.");
        range.Require(layers);
        return range;
    }

    /// <summary>Whether a layer is among them.</summary>
    public bool Contains(int layer) => layer >= First && layer <= Last;

    /// <summary>Refuses layers that a generator has not.</summary>
    /// <exception cref="UsageException">There are such.</exception>
    public void Require(int layers)
    {
        if (First < 0 || First > Last || Last >= layers)
        {
            throw new UsageException($"The layers {this} are out of bounds: this model has layers 0 (the coarsest) to {layers - 1}.");
        }
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{First}-{Last}");
}
