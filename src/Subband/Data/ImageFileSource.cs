using Subband.Imaging;
using Subband.Torch;

namespace Subband.Data;

/// <summary>The image files of a folder or archive, decoded when they are read.</summary>
internal sealed class ImageFileSource : IImageSource
{
    // Known names save looking into every file; what a file really is, the decoder tells by its first bytes.
    private static readonly HashSet<string> Extensions = new(StringComparer.OrdinalIgnoreCase)
    {
        ".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".webp", ".tif", ".tiff", ".gif", ".bmp",
    };

    private static readonly string[] Archives = [".tar", ".tar.gz", ".tgz", ".zip", ".safetensors"];

    private readonly IFileStore _store;
    private readonly List<(int File, int Split, int Label)> _items;
    private readonly RefusalLog _refusals;
    private readonly Lazy<string> _fingerprint;

    /// <summary>Finds the images of a store, which the source owns from now on.</summary>
    /// <exception cref="SubbandException">There is none, no library to read image files with, or no sense in a <see cref="LabelFile"/>.</exception>
    public ImageFileSource(IFileStore store, Action<RefusedItem>? onRefused)
    {
        if (!ImageFile.IsAvailable(out string missing))
        {
            throw new SubbandException($"{store.Path} needs a library to read image files, but {missing} A pack needs none.");
        }

        _store = store;
        _fingerprint = new Lazy<string>(ComputeFingerprint);
        string?[] reasons = [.. Enumerable.Range(0, store.Files.Count).Select(ReasonToRefuse)];
        int[] images = [.. Enumerable.Range(0, reasons.Length).Where(file => reasons[file] is null)];
        string[] names = [.. images.Select(file => store.Files[file].Name)];
        LabelFile? labels = images.Length == 0 ? null : LabelFile.Find(store, names);
        List<RefusedItem> refused = [.. store.Refused, .. labels?.Missing(store) ?? []];
        refused.AddRange(reasons.Index().Where(file => file.Item is not null && file.Index != labels?.File)
            .Select(file => new RefusedItem(store.Files[file.Index].Name, file.Item!)));

        ImageLayout layout = ImageLayout.Of(names, labels);
        Splits = layout.Splits;
        Classes = layout.Classes;
        LabelsFrom = labels?.Name;
        List<(int File, int Split, int Label)> items = [];
        foreach ((int file, (int Split, int Label)? place) in images.Zip(layout.Places))
        {
            if (place is var (split, label))
            {
                items.Add((file, split, label));
            }
            else
            {
                refused.Add(new RefusedItem(store.Files[file].Name, $"lies outside the split {(layout.Splits.Length == 1 ? "folder" : "folders")} {string.Join(", ", layout.Splits)}."));
            }
        }

        // The splits in their order, each in the order of its names.
        _items = [.. items.OrderBy(item => item.Split)];
        if (_items.Count == 0)
        {
            throw NoImages(refused);
        }

        _refusals = new RefusalLog(refused, onRefused);
    }

    /// <summary>The extensions of image files, for messages.</summary>
    public static string ExtensionList => string.Join(", ", Extensions);

    /// <summary>Whether a name is that of an image file.</summary>
    public static bool HasImageExtension(string name) => Extensions.Contains(Path.GetExtension(name));

    public string Name => _store.Path;

    public long? Count => _items.Count;

    public IReadOnlyList<string> Classes { get; }

    public string? LabelsFrom { get; }

    public IReadOnlyList<string> Splits { get; }

    public IReadOnlyList<RefusedItem> Refused => _refusals.Items;

    public string Fingerprint => _fingerprint.Value;

    public int Label(long index) => _items[(int)index].Label;

    public int Split(long index) => _items[(int)index].Split;

    public string ItemName(long index) => _store.Files[_items[(int)index].File].Name;

    public string Format(long index)
    {
        ImageInfo info = ImageFile.Probe(_store.Read(_items[(int)index].File), ItemName(index));
        string colour = info.Colour switch
        {
            ImageColour.Grey => "grey",
            ImageColour.Rgb => "RGB",
            ImageColour.Cmyk => "CMYK",
            _ => "other colours",
        };
        string alpha = info.HasAlpha ? " with alpha" : "";
        return $"{info.Format.ToString().ToUpperInvariant()}, {info.BitDepth} bit, {colour}{alpha}";
    }

    public Rgb8Image Read(long index) => Decode(index, static (bytes, name) => ImageFile.DecodeRgb8(bytes, name));

    public Image8 ReadWithAlpha(long index) => Decode(index, static (bytes, name) => ImageFile.DecodeRgba8(bytes, name));

    public void Dispose() => _store.Dispose();

    private T Decode<T>(long index, Func<byte[], string, T> decode)
    {
        string name = ItemName(index);
        try
        {
            return decode(_store.Read(_items[(int)index].File), name);
        }
        catch (ImageFileException e) when (e.Reason is not null)
        {
            _refusals.Add(index, name, e.Reason);
            throw;
        }
    }

    private string? ReasonToRefuse(int file)
    {
        (string name, long length) = _store.Files[file];
        if (length == 0)
        {
            return "is empty (0 bytes).";
        }

        if (length > StoredFiles.MaxLength)
        {
            return $"is huge ({length} bytes); image files of at most {StoredFiles.MaxLength} are read.";
        }

        if (HasImageExtension(name))
        {
            return null;
        }

        if (LabelFile.IsCalledSo(_store.Files[file]))
        {
            return "does not lie above all images, so that its labels are not read; give the folder it lies in.";
        }

        Span<byte> start = stackalloc byte[ImageSignature.Length];
        try
        {
            start = start[.._store.ReadStart(file, start)];
        }
        catch (ImageFileException e) when (e.Reason is not null)
        {
            return e.Reason;
        }

        return ImageSignature.Detect(start) is null ? ImageSignature.DescribeOther(start) : null;
    }

    private SubbandException NoImages(List<RefusedItem> refused)
    {
        string place = _store.Path;
        string found = refused.Count switch
        {
            0 => "it is empty",
            1 => $"its only file, {refused[0].Name}, {refused[0].Reason.TrimEnd('.')}",
            _ => $"none of its {refused.Count} files is one; the first, {refused[0].Name}, {refused[0].Reason.TrimEnd('.')}",
        };
        string? archive = refused.Select(item => item.Name).FirstOrDefault(IsArchive);
        string hint = archive is null ? "" : $" To read the images in {archive}, give that file itself.";
        return new SubbandException($"There are no images in {place}: {found}.{hint}");
    }

    private static bool IsArchive(string name) => Archives.Any(ending => name.EndsWith(ending, StringComparison.OrdinalIgnoreCase));

    private string ComputeFingerprint()
    {
        using FingerprintBuilder builder = new();
        foreach ((int file, int split, int label) in _items)
        {
            StoredFile stored = _store.Files[file];
            _ = builder.Add(stored.Name).Add(stored.Length).Add(split).Add(label);
        }

        byte[] start = new byte[FingerprintBuilder.SampleBytes];
        foreach (long index in FingerprintBuilder.Samples(_items.Count))
        {
            try
            {
                int read = _store.ReadStart(_items[(int)index].File, start);
                _ = builder.Add(start.AsSpan(0, read));
            }
            catch (ImageFileException)
            {
                // Reading it refuses it; how far unpacking came before it failed says nothing about the data.
                _ = builder.Add("cannot be unpacked");
            }
        }

        return builder.Finish();
    }
}
