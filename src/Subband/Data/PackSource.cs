using System.Buffers.Binary;
using System.Text.Json;
using Subband.Imaging;
using Subband.Torch;
using Subband.Torch.Serialization;

namespace Subband.Data;

/// <summary>The images of a pack, memory-mapped; see <see cref="PackFormat"/>.</summary>
internal sealed class PackSource : IImageSource
{
    private readonly SafetensorsFile _file;
    private readonly SafetensorsEntry _pixels;
    private readonly ImageSize _commonSize;
    private readonly long[]? _offsets;
    private readonly ImageSize[]? _sizes;
    private readonly int[] _labels;
    private readonly int[] _splits;
    private readonly Lazy<string> _fingerprint;

    /// <summary>Opens a pack.</summary>
    /// <exception cref="SubbandException">It is damaged, or another kind of file.</exception>
    public PackSource(string path)
    {
        Name = Path.GetFullPath(path);
        _file = SafetensorsFile.Open(Name);
        _fingerprint = new Lazy<string>(ComputeFingerprint);
        try
        {
            RequireFormat();
            Classes = Names(PackFormat.ClassNamesKey);
            Splits = Names(PackFormat.SplitNamesKey);
            _pixels = Entry(PackFormat.Pixels, DType.UInt8);
            if (_pixels.Shape is [var count, 3, var height, var width])
            {
                _commonSize = Size(height, width);
                Count = count;
            }
            else
            {
                (_sizes, _offsets) = ReadSizes();
                Count = _sizes.Length;
            }

            _labels = Indices(PackFormat.Labels, Classes.Count);
            _splits = Indices(PackFormat.Splits, Splits.Count);
        }
        catch
        {
            _file.Dispose();
            throw;
        }
    }

    public string Name { get; }

    public long? Count { get; }

    public IReadOnlyList<string> Classes { get; }

    public IReadOnlyList<string> Splits { get; }

    public IReadOnlyList<RefusedItem> Refused => [];

    public string Fingerprint => _fingerprint.Value;

    public int Label(long index) => _labels[index];

    public int Split(long index) => _splits[index];

    public string ItemName(long index) => $"{Path.GetFileName(Name)} image {index}";

    public string Format(long index) => "raw pixels, 8 bit, RGB";

    public Rgb8Image Read(long index)
    {
        ReadOnlySpan<byte> planes = Planes(index, out ImageSize size);
        byte[] pixels = new byte[planes.Length];
        int plane = planes.Length / 3;
        ReadOnlySpan<byte> red = planes[..plane];
        ReadOnlySpan<byte> green = planes.Slice(plane, plane);
        ReadOnlySpan<byte> blue = planes.Slice(2 * plane, plane);
        for (int i = 0, p = 0; i < plane; i++, p += 3)
        {
            pixels[p] = red[i];
            pixels[p + 1] = green[i];
            pixels[p + 2] = blue[i];
        }

        return new Rgb8Image(size.Width, size.Height, pixels);
    }

    public void Dispose() => _file.Dispose();

    private ReadOnlySpan<byte> Planes(long index, out ImageSize size)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count!.Value);
        size = _sizes is null ? _commonSize : _sizes[index];
        int length = 3 * size.Width * size.Height;
        long offset = _offsets is null ? index * length : _offsets[index];
        unsafe
        {
            return new ReadOnlySpan<byte>(_file.Pointer(PackFormat.Pixels) + offset, length);
        }
    }

    private void RequireFormat()
    {
        if (_file.Metadata.GetValueOrDefault(PackFormat.FormatKey) != PackFormat.Name)
        {
            throw new SubbandException($"{Name} is not a pack of images but some other safetensors file, such as a model's weights; "
                + "packs are made by 'subband data pack'.");
        }

        string version = _file.Metadata.GetValueOrDefault(PackFormat.VersionKey) ?? "none";
        if (version != PackFormat.Version)
        {
            throw new SubbandException($"{Name} is a pack of version {version}; this Subband reads version {PackFormat.Version}. Pack the images again.");
        }
    }

    private string[] Names(string key)
    {
        try
        {
            return JsonSerializer.Deserialize(_file.Metadata.GetValueOrDefault(key) ?? "", DataJson.Default.StringArray) ?? throw new JsonException();
        }
        catch (JsonException e)
        {
            throw Damaged($"its list of {key} cannot be read", e);
        }
    }

    private SafetensorsEntry Entry(string name, DType dtype) =>
        _file.TryGetEntry(name, out SafetensorsEntry? entry) && entry!.DType == dtype
            ? entry
            : throw Damaged($"it has no tensor {name} of type {dtype}");

    private long[] Numbers(string name)
    {
        SafetensorsEntry entry = Entry(name, DType.Int64);
        long[] numbers = new long[entry.ByteCount / sizeof(long)];
        ReadOnlySpan<byte> bytes = _file.Bytes(name);
        for (int i = 0; i < numbers.Length; i++)
        {
            numbers[i] = BinaryPrimitives.ReadInt64LittleEndian(bytes[(i * sizeof(long))..]);
        }

        return numbers;
    }

    private int[] Indices(string name, int bound)
    {
        long[] numbers = Numbers(name);
        return numbers.LongLength == Count && Array.TrueForAll(numbers, n => n >= -1 && n < bound)
            ? [.. numbers.Select(n => (int)n)]
            : throw Damaged($"its {name} are not {Count} numbers from -1 to {bound - 1}");
    }

    private (ImageSize[] Sizes, long[] Offsets) ReadSizes()
    {
        long[] numbers = Numbers(PackFormat.Sizes);
        ImageSize[] sizes = new ImageSize[numbers.Length / 2];
        long[] offsets = new long[sizes.Length];
        long end = 0;
        for (int i = 0; i < sizes.Length; i++)
        {
            sizes[i] = Size(numbers[2 * i], numbers[(2 * i) + 1]);
            offsets[i] = end;
            end += 3L * sizes[i].Width * sizes[i].Height;
        }

        return end == _pixels.ByteCount && numbers.Length % 2 == 0
            ? (sizes, offsets)
            : throw Damaged($"the sizes of its images add up to {end} bytes, but there are {_pixels.ByteCount}");
    }

    private ImageSize Size(long height, long width) =>
        height >= 1 && width >= 1 && height <= Array.MaxLength / 3 && width <= Array.MaxLength / 3 / height
            ? new ImageSize((int)width, (int)height)
            : throw Damaged($"it claims an image of {width}x{height}");

    private SubbandException Damaged(string what, Exception? cause = null)
    {
        string message = $"{Name} is damaged: {what}. Pack the images again.";
        return cause is null ? new SubbandException(message) : new SubbandException(message, cause);
    }

    private string ComputeFingerprint()
    {
        using FingerprintBuilder builder = new();
        _ = builder.Add(_pixels.ByteCount).Add(_file.Bytes(PackFormat.Labels)).Add(_file.Bytes(PackFormat.Splits));
        foreach (string name in Classes.Concat(Splits))
        {
            _ = builder.Add(name);
        }

        foreach (long index in FingerprintBuilder.Samples(Count!.Value))
        {
            ReadOnlySpan<byte> planes = Planes(index, out ImageSize size);
            _ = builder.Add(size.Width).Add(size.Height).Add(planes[..Math.Min(planes.Length, FingerprintBuilder.SampleBytes)]);
        }

        return builder.Finish();
    }
}
