using Subband.Imaging;

namespace Subband.Data;

/// <summary>Images of one size that lie as raw records of equal length in a few files.</summary>
internal sealed class BinaryRecordSource : IImageSource
{
    private readonly IFileStore _store;
    private readonly RecordFile[] _files;
    private readonly long[] _firstIndex;
    private readonly RecordLayout _layout;
    private readonly RefusalLog _refusals;
    private readonly Lazy<string> _fingerprint;

    /// <summary>Puts the files together, in the given order; the source owns them and the store from now on.</summary>
    public BinaryRecordSource(
        IFileStore store, string name, RecordLayout layout, string[] classes, string[] splits, RecordFile[] files, RefusalLog refusals)
    {
        _store = store;
        Name = name;
        _layout = layout;
        _files = files;
        _refusals = refusals;
        _firstIndex = new long[files.Length];
        long count = 0;
        for (int i = 0; i < files.Length; i++)
        {
            _firstIndex[i] = count;
            count += files[i].Count;
        }

        Count = count;
        Classes = classes;
        Splits = splits;
        _fingerprint = new Lazy<string>(ComputeFingerprint);
    }

    public string Name { get; }

    public long? Count { get; }

    public IReadOnlyList<string> Classes { get; }

    public IReadOnlyList<string> Splits { get; }

    public IReadOnlyList<RefusedItem> Refused => _refusals.Items;

    public string Fingerprint => _fingerprint.Value;

    public int Label(long index)
    {
        (RecordFile file, long record) = Find(index);
        return file.Labels is null ? -1 : file.Labels[record];
    }

    public int Split(long index) => Find(index).File.Split;

    public string ItemName(long index)
    {
        (RecordFile file, long record) = Find(index);
        return $"{Path.GetFileName(file.Pixels.Name)} record {record}";
    }

    public string Format(long index) => _layout.Format;

    public Rgb8Image Read(long index)
    {
        byte[] record = new byte[_layout.RecordLength];
        ReadRecord(index, record);
        byte[] pixels = new byte[3 * _layout.Side * _layout.Side];
        _layout.Decode(record, pixels);
        return new Rgb8Image(_layout.Side, _layout.Side, pixels);
    }

    public void Dispose()
    {
        foreach (RecordFile file in _files)
        {
            file.Pixels.Dispose();
        }

        _store.Dispose();
    }

    private void ReadRecord(long index, Span<byte> record)
    {
        (RecordFile file, long number) = Find(index);
        file.Pixels.Read(number * _layout.RecordLength, record);
    }

    private (RecordFile File, long Record) Find(long index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count!.Value);
        int place = Array.BinarySearch(_firstIndex, index);
        // Not found: the complement of the next larger entry's place.
        int file = place >= 0 ? place : ~place - 1;
        return (_files[file], index - _firstIndex[file]);
    }

    private string ComputeFingerprint()
    {
        using FingerprintBuilder builder = new();
        foreach (RecordFile file in _files)
        {
            _ = builder.Add(file.Split).Add(file.Count).Add(file.Labels ?? []);
        }

        byte[] record = new byte[_layout.RecordLength];
        foreach (long index in FingerprintBuilder.Samples(Count!.Value))
        {
            ReadRecord(index, record);
            _ = builder.Add(record);
        }

        return builder.Finish();
    }
}

/// <summary>How a record holds its image.</summary>
/// <param name="Format">The layout's name, for a person.</param>
/// <param name="Side">Width and height of the images in pixels.</param>
/// <param name="RecordLength">The length of a record in bytes.</param>
/// <param name="Decode">Turns a record into pixels, <c>[H, W, 3]</c>.</param>
internal sealed record RecordLayout(string Format, int Side, int RecordLength, RecordDecoder Decode);

/// <summary>Turns a record into pixels, <c>[H, W, 3]</c>.</summary>
internal delegate void RecordDecoder(ReadOnlySpan<byte> record, Span<byte> pixels);

/// <summary>A file of records.</summary>
/// <param name="Pixels">The records.</param>
/// <param name="Split">The split that they are.</param>
/// <param name="Count">How many there are.</param>
/// <param name="Labels">The class of each, or null for none.</param>
internal sealed record RecordFile(FileExtent Pixels, int Split, long Count, byte[]? Labels);
