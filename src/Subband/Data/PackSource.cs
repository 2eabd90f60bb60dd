using System.Buffers;
using System.Buffers.Binary;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using Subband.Imaging;
using Subband.Torch;
using Subband.Torch.Serialization;

namespace Subband.Data;

/// <summary>The images of a pack, read where they lie; see <see cref="PackFormat"/>.</summary>
internal sealed class PackSource : IImageSource
{
    private readonly FileExtent _pixels;
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
        using SafetensorsFile file = SafetensorsFile.Open(Name);
        RequireFormat(file);
        Classes = Names(file, PackFormat.ClassNamesKey);
        Splits = Names(file, PackFormat.SplitNamesKey);
        SafetensorsEntry pixels = Entry(file, PackFormat.Pixels, DType.UInt8);
        if (pixels.Shape is [var count, 3, var height, var width])
        {
            _commonSize = Size(height, width);
            Count = count;
        }
        else
        {
            (_sizes, _offsets) = ReadSizes(file, pixels.ByteCount);
            Count = _sizes.Length;
        }

        _labels = Indices(file, PackFormat.Labels, Classes.Count);
        _splits = Indices(file, PackFormat.Splits, Splits.Count);
        _fingerprint = new Lazy<string>(ComputeFingerprint);
        // Not mapped: were the file cut short while it is in use, touching a page that is gone would end the process.
        _pixels = new FileExtent(OpenHandle(), Name, pixels.Offset, pixels.ByteCount, ownsHandle: true);
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
        (long offset, ImageSize size) = Place(index);
        int plane = size.Width * size.Height;
        byte[] pixels = new byte[3 * plane];
        byte[] planes = ArrayPool<byte>.Shared.Rent(pixels.Length);
        try
        {
            _pixels.Read(offset, planes.AsSpan(0, pixels.Length));
            ReadOnlySpan<byte> red = planes.AsSpan(0, plane);
            ReadOnlySpan<byte> green = planes.AsSpan(plane, plane);
            ReadOnlySpan<byte> blue = planes.AsSpan(2 * plane, plane);
            for (int i = 0, p = 0; i < plane; i++, p += 3)
            {
                pixels[p] = red[i];
                pixels[p + 1] = green[i];
                pixels[p + 2] = blue[i];
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(planes);
        }

        return new Rgb8Image(size.Width, size.Height, pixels);
    }

    public void Dispose() => _pixels.Dispose();

    private SafeFileHandle OpenHandle()
    {
        try
        {
            return File.OpenHandle(Name);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw StoredFiles.CannotRead(Name, e);
        }
    }

    private (long Offset, ImageSize Size) Place(long index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count!.Value);
        ImageSize size = _sizes is null ? _commonSize : _sizes[index];
        return (_offsets is null ? index * 3 * size.Width * size.Height : _offsets[index], size);
    }

    private void RequireFormat(SafetensorsFile file)
    {
        if (file.Metadata.GetValueOrDefault(PackFormat.FormatKey) != PackFormat.Name)
        {
            throw new SubbandException($"{Name} is not a pack of images but some other safetensors file, such as a model's weights; "
                + "packs are made by 'subband data pack'.");
        }

        string version = file.Metadata.GetValueOrDefault(PackFormat.VersionKey) ?? "none";
        if (version != PackFormat.Version)
        {
            throw new SubbandException($"{Name} is a pack of version {version}; this Subband reads version {PackFormat.Version}. Pack the images again.");
        }
    }

    private string[] Names(SafetensorsFile file, string key)
    {
        try
        {
            return JsonSerializer.Deserialize(file.Metadata.GetValueOrDefault(key) ?? "", DataJson.Default.StringArray) ?? throw new JsonException();
        }
        catch (JsonException e)
        {
            throw Damaged($"its list of {key} cannot be read", e);
        }
    }

    private SafetensorsEntry Entry(SafetensorsFile file, string name, DType dtype) =>
        file.TryGetEntry(name, out SafetensorsEntry? entry) && entry!.DType == dtype
            ? entry
            : throw Damaged($"it has no tensor {name} of type {dtype}");

    private long[] Numbers(SafetensorsFile file, string name)
    {
        SafetensorsEntry entry = Entry(file, name, DType.Int64);
        long[] numbers = new long[entry.ByteCount / sizeof(long)];
        ReadOnlySpan<byte> bytes = file.Bytes(name);
        for (int i = 0; i < numbers.Length; i++)
        {
            numbers[i] = BinaryPrimitives.ReadInt64LittleEndian(bytes[(i * sizeof(long))..]);
        }

        return numbers;
    }

    private int[] Indices(SafetensorsFile file, string name, int bound)
    {
        long[] numbers = Numbers(file, name);
        return numbers.LongLength == Count && Array.TrueForAll(numbers, n => n >= -1 && n < bound)
            ? [.. numbers.Select(n => (int)n)]
            : throw Damaged($"its {name} are not {Count} numbers from -1 to {bound - 1}");
    }

    private (ImageSize[] Sizes, long[] Offsets) ReadSizes(SafetensorsFile file, long byteCount)
    {
        long[] numbers = Numbers(file, PackFormat.Sizes);
        ImageSize[] sizes = new ImageSize[numbers.Length / 2];
        long[] offsets = new long[sizes.Length];
        long end = 0;
        for (int i = 0; i < sizes.Length; i++)
        {
            sizes[i] = Size(numbers[2 * i], numbers[(2 * i) + 1]);
            offsets[i] = end;
            end += 3L * sizes[i].Width * sizes[i].Height;
        }

        return end == byteCount && numbers.Length % 2 == 0
            ? (sizes, offsets)
            : throw Damaged($"the sizes of its images add up to {end} bytes, but there are {byteCount}");
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
        _ = builder.Add(_pixels.Length);
        foreach (int number in _labels.Concat(_splits))
        {
            _ = builder.Add(number);
        }

        foreach (string name in Classes.Concat(Splits))
        {
            _ = builder.Add(name);
        }

        byte[] buffer = new byte[FingerprintBuilder.SampleBytes];
        foreach (long index in FingerprintBuilder.Samples(Count!.Value))
        {
            (long offset, ImageSize size) = Place(index);
            Span<byte> start = buffer.AsSpan(0, Math.Min(3 * size.Width * size.Height, buffer.Length));
            _pixels.Read(offset, start);
            _ = builder.Add(size.Width).Add(size.Height).Add(start);
        }

        return builder.Finish();
    }
}
