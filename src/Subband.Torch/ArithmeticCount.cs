namespace Subband.Torch;

/// <summary>
/// Counts the arithmetic of the convolutions and linear layers that this thread computes while the count lives: of each
/// multiplication with its addition, two operations. Everything else in a network is small beside them.
/// </summary>
/// <remarks>
/// It counts what the layer is by definition, and not how it is computed: padding counts, and a method that saves
/// multiplications saves nothing here. So rates of different implementations can be compared.
/// </remarks>
public sealed class ArithmeticCount : IDisposable
{
    [ThreadStatic]
    private static ArithmeticCount? _current;

    private readonly ArithmeticCount? _outer = _current;

    /// <summary>Begins to count from 0; what an outer count has is not touched meanwhile.</summary>
    public ArithmeticCount() => _current = this;

    /// <summary>The operations so far.</summary>
    public double Operations { get; private set; }

    /// <summary>Ends the counting.</summary>
    public void Dispose() => _current = _outer;

    /// <summary>Adds a layer that uses each of its weights once at each place of an image or batch.</summary>
    /// <param name="weight">The layer's weights.</param>
    /// <param name="places">A tensor with as many places as the weights are used at.</param>
    /// <param name="channels">Which of its dimensions is no place, but counts the channels.</param>
    /// <param name="spread">Of how many of its rows, and columns, a place is made up.</param>
    internal static void Add(Tensor weight, Tensor places, int channels, int spread = 1)
    {
        if (_current is { } count)
        {
            count.Operations += 2.0 * weight.Count * places.Count / places.Size(channels) / (spread * spread);
        }
    }
}
