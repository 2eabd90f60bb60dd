using System.Buffers;
using System.Collections.Concurrent;
using System.Text;
using NetVips;

namespace Subband.Upscaling;

/// <summary>
/// Hands rows from the thread that computes them to the one that encodes them, a few at a time, so that encoding goes on beside
/// computing and neither holds the whole picture.
/// </summary>
/// <remarks>
/// libvips reads from a stream what it knows as a file. The simplest that it reads row by row is PGM; pixels of several channels go
/// through as so many grey ones side by side, and are folded afterwards.
/// </remarks>
internal sealed class RowPipe : IDisposable
{
    // Enough for the encoder to be busy while the next rows go through a network.
    private const int Blocks = 32;

    private readonly BlockingCollection<ArraySegment<byte>> _blocks = new(Blocks);
    private readonly CancellationTokenSource _readerGone = new();
    private ReadOnlyMemory<byte> _rest; // of what libvips reads
    private byte[]? _taken;
    private volatile bool _broken;

    public RowPipe(PhotographLayout layout)
    {
        int width = checked(layout.Width * layout.Channels);
        _rest = Encoding.ASCII.GetBytes($"P5\n{width} {layout.Height}\n{layout.White}\n");
        Layout = layout;
    }

    /// <summary>What the pixels are.</summary>
    public PhotographLayout Layout { get; }

    /// <summary>Memory for rows to write: that of rows which were encoded, for fresh memory takes longer than to fill it.</summary>
    public static ArraySegment<byte> Room(int bytes) => new(ArrayPool<byte>.Shared.Rent(bytes), 0, bytes);

    /// <summary>Gives rows to the encoder; waits while it is busy with earlier ones.</summary>
    /// <param name="rows">[n, W, C], 16-bit samples with their high byte first, in <see cref="Room"/>, which is the writer's no longer.</param>
    /// <exception cref="OperationCanceledException">The encoder has failed; what it says is the error to tell.</exception>
    public void Write(ArraySegment<byte> rows) => _blocks.Add(rows, _readerGone.Token);

    /// <summary>Says that these were all rows.</summary>
    public void Finish() => _blocks.CompleteAdding();

    /// <summary>Says that no more will come, though not all came: the encoder fails.</summary>
    public void Break()
    {
        _broken = true;
        _blocks.CompleteAdding();
    }

    /// <summary>Whether nobody reads any more.</summary>
    public bool IsAbandoned => _readerGone.IsCancellationRequested;

    /// <summary>Says that nobody reads any more.</summary>
    public void Abandon() => _readerGone.Cancel();

    /// <summary>Takes the next rows, and waits for them.</summary>
    /// <returns>[n, W, C], valid until the next call; nothing behind the last.</returns>
    /// <exception cref="OperationCanceledException">Not all rows came, and no more will.</exception>
    public ReadOnlyMemory<byte> Take()
    {
        Release();
        if (_blocks.TryTake(out ArraySegment<byte> next, Timeout.Infinite))
        {
            _taken = next.Array;
            return next;
        }

        return _broken ? throw new OperationCanceledException("The rows broke off.") : default;
    }

    /// <summary>What libvips reads from; valid as long as this is.</summary>
    public SourceCustom Source()
    {
        SourceCustom source = new();
        source.OnRead += Read;
        return source;
    }

    /// <summary>The samples as libvips' image, which knows nothing else of them.</summary>
    public Image Open(SourceCustom source)
    {
        using Image grey = Image.PpmloadSource(source, access: Enums.Access.Sequential);
        return Layout.Channels == 1 ? grey.Copy() : grey.Bandfold(factor: Layout.Channels);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Release();
        _blocks.Dispose();
        _readerGone.Dispose();
    }

    // Called by libvips, through which nothing may be thrown.
    private int Read(byte[] buffer, int length)
    {
        try
        {
            if (_rest.IsEmpty)
            {
                _rest = Take();
            }

            int count = Math.Min(length, _rest.Length);
            _rest.Span[..count].CopyTo(buffer);
            _rest = _rest[count..];
            return count;
        }
        catch (Exception error) when (error is OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
            return -1;
        }
    }

    private void Release()
    {
        if (_taken is not null)
        {
            ArrayPool<byte>.Shared.Return(_taken);
            _taken = null;
        }
    }
}
