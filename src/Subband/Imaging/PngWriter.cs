using System.Buffers.Binary;
using System.IO.Compression;
using System.Numerics;

namespace Subband.Imaging;

/// <summary>Writes a PNG file as the rows of its picture come.</summary>
/// <remarks>
/// Photographs that were enlarged are smooth, and a sample is guessed well as the average of its neighbours to the left and above. Behind
/// that filter the runtime's zlib takes 40 % of the time of libvips' writer, for files of about the same size (docs/results.md, "Speed of
/// enlargement").
/// </remarks>
internal sealed class PngWriter : IDisposable
{
    // Files 8 % larger than at level 6, zlib's own choice, in 30 % of its time.
    private const int CompressionLevel = 3;
    private const int DataBytes = 1 << 16; // in a chunk
    private const byte Average = 3; // PNG specification, section 9.2

    private readonly Stream _stream;
    private readonly byte[] _behind;
    private readonly MemoryStream _data = new();
    private readonly ZLibStream _compressor;
    private readonly int _pixelBytes;
    private readonly byte[] _above;
    private readonly byte[] _filtered;
    private int _rowsLeft;

    /// <summary>Writes all that comes before the pixels.</summary>
    /// <param name="stream">Where to; stays open.</param>
    /// <param name="width">W.</param>
    /// <param name="height">H.</param>
    /// <param name="channels">1 for grey, 2 for grey and alpha, 3 for RGB, 4 for RGB and alpha.</param>
    /// <param name="depth">Bits a sample, 8 or 16.</param>
    /// <param name="described">A whole PNG file with pixels of the same kind, of which all that stands beside the pixels is taken over.</param>
    public PngWriter(Stream stream, int width, int height, int channels, int depth, ReadOnlySpan<byte> described)
    {
        (_stream, _rowsLeft) = (stream, height);
        _pixelBytes = channels * depth / 8;
        _above = new byte[checked(width * _pixelBytes)];
        _filtered = new byte[1 + _above.Length];
        _filtered[0] = Average;
        _compressor = new ZLibStream(_data, new ZLibCompressionOptions { CompressionLevel = CompressionLevel }, leaveOpen: true);
        (byte[] before, _behind) = BesidePixels(described);

        Span<byte> header = stackalloc byte[13]; // and no interlacing, with the only compression and filters there are
        header.Clear();
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header[4..], height);
        header[8] = (byte)depth;
        header[9] = (byte)((channels > 2 ? 2 : 0) + (channels % 2 == 0 ? 4 : 0)); // colour, alpha
        stream.Write(PngChunk.Signature);
        PngChunk.Write(stream, "IHDR"u8, header);
        stream.Write(before);
    }

    /// <summary>Writes the next rows.</summary>
    /// <param name="rows">[n, W, C], 16-bit samples with their high byte first.</param>
    public void Write(ReadOnlySpan<byte> rows)
    {
        for (; !rows.IsEmpty; rows = rows[_above.Length..])
        {
            ReadOnlySpan<byte> row = rows[.._above.Length];
            Filter(row, _above, _filtered.AsSpan(1), _pixelBytes);
            row.CopyTo(_above);
            _compressor.Write(_filtered);
            _rowsLeft--;
            if (_data.Length >= DataBytes)
            {
                WriteData();
            }
        }
    }

    /// <summary>Writes what comes behind the pixels.</summary>
    /// <exception cref="InvalidOperationException">There were more or fewer rows than were announced.</exception>
    public void Finish()
    {
        if (_rowsLeft != 0)
        {
            throw new InvalidOperationException($"A PNG file is to end, while {_rowsLeft} of its rows are missing.");
        }

        _compressor.Dispose(); // gives the rest
        WriteData();
        _stream.Write(_behind);
        PngChunk.Write(_stream, "IEND"u8, []);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _compressor.Dispose();
        _data.Dispose();
    }

    /// <summary>What remains of a row's samples when those that are expected by the average of their neighbours are taken off.</summary>
    /// <param name="row">The row.</param>
    /// <param name="above">The one above; zeros for the first.</param>
    /// <param name="filtered">What remains.</param>
    /// <param name="pixelBytes">How far to the left the neighbour is.</param>
    private static void Filter(ReadOnlySpan<byte> row, ReadOnlySpan<byte> above, Span<byte> filtered, int pixelBytes)
    {
        int i = 0;
        for (; i < pixelBytes; i++)
        {
            filtered[i] = (byte)(row[i] - (above[i] >> 1));
        }

        for (; i <= row.Length - Vector<byte>.Count; i += Vector<byte>.Count)
        {
            Vector<byte> left = new(row[(i - pixelBytes)..]);
            Vector<byte> up = new(above[i..]);
            Vector<byte> average = (left & up) + ((left ^ up) >>> 1);
            (new Vector<byte>(row[i..]) - average).CopyTo(filtered[i..]);
        }

        for (; i < row.Length; i++)
        {
            filtered[i] = (byte)(row[i] - ((row[i - pixelBytes] + above[i]) >> 1));
        }
    }

    // All chunks before and behind the pixels, without the header and the end.
    private static (byte[] Before, byte[] Behind) BesidePixels(ReadOnlySpan<byte> png)
    {
        List<byte> before = [];
        List<byte> behind = [];
        List<byte> current = before;
        ReadOnlySpan<byte> chunks = png[PngChunk.Signature.Length..];
        while (!chunks.IsEmpty)
        {
            ReadOnlySpan<byte> type = PngChunk.TypeOfFirst(chunks);
            int length = PngChunk.BytesOfFirst(chunks);
            if (type.SequenceEqual("IDAT"u8))
            {
                current = behind;
            }
            else if (!type.SequenceEqual("IHDR"u8) && !type.SequenceEqual("IEND"u8))
            {
                current.AddRange(chunks[..length]);
            }

            chunks = chunks[length..];
        }

        return ([.. before], [.. behind]);
    }

    private void WriteData()
    {
        PngChunk.Write(_stream, "IDAT"u8, _data.GetBuffer().AsSpan(0, (int)_data.Length));
        _data.SetLength(0);
    }
}
