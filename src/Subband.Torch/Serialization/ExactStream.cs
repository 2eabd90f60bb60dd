namespace Subband.Torch.Serialization;

/// <summary>Holds a tensor's callback to the number of bytes that the header promises.</summary>
internal sealed class ExactStream(Stream inner, string name, long size) : Stream
{
    private long _written;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => size;

    public override long Position
    {
        get => _written;
        set => throw new NotSupportedException();
    }

    public void CheckComplete()
    {
        if (_written != size)
        {
            throw new InvalidOperationException(
                $"Tensor '{name}' has {size} bytes, but its callback wrote {_written}.");
        }
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (buffer.Length > size - _written)
        {
            throw new InvalidOperationException(
                $"Tensor '{name}' has {size} bytes, but its callback writes at least {_written + buffer.Length}.");
        }

        inner.Write(buffer);
        _written += buffer.Length;
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush() => inner.Flush();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
