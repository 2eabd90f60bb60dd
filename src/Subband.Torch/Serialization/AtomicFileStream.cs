namespace Subband.Torch.Serialization;

/// <summary>
/// The stream that <see cref="AtomicFile"/> hands out: passes on pieces of at most a mebibyte and turns a failed write
/// into an error that names the file meant, not the temporary one.
/// </summary>
internal sealed class AtomicFileStream(FileStream file, DiskStep disk) : Stream
{
    private const int Piece = 1 << 20;

    private long _written;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => _written;

    public override long Position
    {
        get => _written;
        set => throw new NotSupportedException();
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            ReadOnlySpan<byte> piece = buffer[..Math.Min(buffer.Length, Piece)];
            try
            {
                FaultPoint.Reach("file.write");
                file.Write(piece);
            }
            catch (Exception exception) when (DiskStep.IsDiskError(exception))
            {
                throw disk.Error("write its data", exception);
            }

            _written += piece.Length;
            buffer = buffer[piece.Length..];
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
        // Nothing is held back here; AtomicFile flushes to the disk at the end.
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
