using System.Buffers;

namespace Subband.Upscaling;

/// <summary>
/// Memory for some rows that grows with what is asked of it. It is borrowed, so that the next photograph finds it again: the system gives
/// fresh memory page by page, which takes longer than to fill it.
/// </summary>
internal sealed class RowMemory : IDisposable
{
    private float[] _samples = [];

    /// <summary>How many samples there is room for.</summary>
    public int Length => _samples.Length;

    /// <summary>All of it.</summary>
    public Span<float> Samples => _samples;

    /// <summary>Room for some samples, which hold anything.</summary>
    public Span<float> Room(int length)
    {
        if (_samples.Length < length)
        {
            Grow(length, []);
        }

        return _samples.AsSpan(0, length);
    }

    /// <summary>Makes it larger.</summary>
    /// <param name="length">How much is needed at least.</param>
    /// <param name="kept">What is to stand at its beginning.</param>
    public void Grow(int length, ReadOnlySpan<float> kept)
    {
        float[] larger = ArrayPool<float>.Shared.Rent(length);
        kept.CopyTo(larger);
        Dispose();
        _samples = larger;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_samples.Length > 0)
        {
            ArrayPool<float>.Shared.Return(_samples);
            _samples = [];
        }
    }
}
