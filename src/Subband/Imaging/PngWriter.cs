using System.Buffers.Binary;
using System.IO.Compression;
using System.Numerics;

namespace Subband.Imaging;

/// <summary>Writes a PNG file as the rows of its picture come.</summary>
/// <remarks>
/// Photographs that were enlarged are smooth, and a sample is guessed well as the average of its neighbours to the left and above. What
/// remains repeats itself next to never, so that the runtime's zlib looks for runs of equal bytes only; in drawings, as which the first
/// rows show them, for all that was there before. It takes a fraction of the time of libvips' writer, for files of about the same size
/// (docs/results.md, "Speed of enlargement").
/// </remarks>
internal sealed class PngWriter : IDisposable
{
    // Files 8 % larger than at level 6, zlib's own choice, in 30 % of its time.
    private const int CompressionLevel = 3;
    private const int DataBytes = 1 << 16; // in a chunk
    private const byte Average = 3; // PNG specification, section 9.2

    private readonly Stream _stream;
    private readonly byte[] _behind;
    // Of the first rows, by which it is decided how to compress.
    private const int SampleBytes = 1 << 18;

    // Where only runs are looked for, in two thirds of the time, photographs become up to 6 % longer, and some shorter; drawings, whose first
    // rows shrink to less than this share of themselves, twice as long.
    private const double MostLonger = 1.12;
    private const double LeastOfPhotograph = 0.25;

    private static readonly ZLibCompressionOptions Repetitions = new() { CompressionLevel = CompressionLevel };
    private static readonly ZLibCompressionOptions Runs = new()
    {
        CompressionLevel = CompressionLevel,
        CompressionStrategy = ZLibCompressionStrategy.RunLengthEncoding,
    };

    private readonly MemoryStream _data = new();
    private readonly MemoryStream _first = new(); // rows, until there are enough of them
    private ZLibStream? _compressor;
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
            _rowsLeft--;
            if (_compressor is null)
            {
                _first.Write(_filtered);
                if (_first.Length >= SampleBytes)
                {
                    Begin();
                }
            }
            else
            {
                Compress(_compressor, _filtered);
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

        (_compressor ?? Begin()).Dispose(); // gives the rest
        WriteData();
        _stream.Write(_behind);
        PngChunk.Write(_stream, "IEND"u8, []);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _compressor?.Dispose();
        _data.Dispose();
        _first.Dispose();
    }

    private ZLibStream Begin()
    {
        ReadOnlySpan<byte> first = _first.GetBuffer().AsSpan(0, (int)_first.Length);
        long runs = BytesOf(first, Runs);
        bool isPhotograph = runs >= LeastOfPhotograph * first.Length && runs <= MostLonger * BytesOf(first, Repetitions);
        _compressor = new ZLibStream(_data, isPhotograph ? Runs : Repetitions, leaveOpen: true);
        for (; !first.IsEmpty; first = first[_filtered.Length..])
        {
            Compress(_compressor, first[.._filtered.Length]);
        }

        return _compressor;
    }

    private void Compress(ZLibStream compressor, ReadOnlySpan<byte> row)
    {
        compressor.Write(row);
        if (_data.Length >= DataBytes)
        {
            WriteData();
        }
    }

    private static long BytesOf(ReadOnlySpan<byte> rows, ZLibCompressionOptions options)
    {
        using MemoryStream compressed = new();
        using (ZLibStream compressor = new(compressed, options, leaveOpen: true))
        {
            compressor.Write(rows);
        }

        return compressed.Length;
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
