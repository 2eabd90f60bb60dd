using Subband.Imaging;
using Subband.Torch;

namespace Subband.Data;

/// <summary>Opens what users write after <c>--data</c>.</summary>
public static class ImageSources
{
    private const int TarMarkOffset = 257;

    /// <summary>The names that need no path: known data sets, and images that are drawn.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. KnownDataset.All.Select(known => known.Name), SyntheticSource.Leaves];

    /// <summary>Opens a source.</summary>
    /// <param name="spec">
    /// A folder, an archive (<c>.tar</c>, <c>.tar.gz</c>, <c>.zip</c>) or a pack (<c>.safetensors</c>) by its path; or
    /// <c>cifar10</c>, <c>stl10</c>, <c>synthetic:leaves</c>. Selectors may follow:
    /// <c>photos.tar#split=train,class=cat+dog,take=0..4500</c>. A path that exists is taken before a name.
    /// </param>
    /// <param name="options">How to go about it; null for the defaults.</param>
    /// <exception cref="UsageException">The text is malformed, or names a selector, split or class that does not exist.</exception>
    /// <exception cref="SubbandException">There is no such place, there are no images in it, it is damaged, or it cannot be
    /// downloaded.</exception>
    /// <exception cref="OperationCanceledException">The user stopped it.</exception>
    public static IImageSource Open(string spec, ImageSourceOptions? options = null)
    {
        options ??= new ImageSourceOptions();
        SourceSpec parsed = SourceSpec.Parse(spec);
        IImageSource source = OpenWhole(parsed, options);
        try
        {
            return SelectedSource.Apply(source, parsed, options.DefaultSplit);
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    private static IImageSource OpenWhole(SourceSpec spec, ImageSourceOptions options)
    {
        if (spec.Place.StartsWith(SyntheticSource.Prefix, StringComparison.Ordinal))
        {
            return SyntheticSource.Open(spec);
        }

        spec.Allow([.. SelectedSource.Keys]);
        if (Directory.Exists(spec.Place))
        {
            return FromStore(new FolderStore(spec.Place), options);
        }

        if (File.Exists(spec.Place))
        {
            return FromFile(spec.Place, options);
        }

        if (KnownDataset.All.FirstOrDefault(known => known.Name == spec.Place) is KnownDataset dataset)
        {
            return FromStore(new FolderStore(dataset.Fetch(options)), options, dataset.Name);
        }

        string hint = NearestName.Among(spec.Place, Names) is string nearest ? $" Did you mean {nearest}?" : "";
        throw new SubbandException($"There is no file or folder {spec.Place} to read images from.{hint}");
    }

    private static IImageSource FromFile(string path, ImageSourceOptions options)
    {
        if (path.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase))
        {
            return new PackSource(path);
        }

        byte[] head = ReadHead(path);
        return head switch
        {
            [] => throw new SubbandException($"{path} is empty (0 bytes); get it again."),
            [0x1F, 0x8B, ..] => FromStore(CompressedTar.Open(path, options), options),
            [(byte)'P', (byte)'K', 3, 4, ..] or [(byte)'P', (byte)'K', 5, 6, ..] => FromStore(ZipStore.Open(path), options),
            _ when HasTarMark(head) => FromStore(TarStore.Open(path), options),
            _ when ImageSignature.Detect(head) is not null => throw new SubbandException($"{path} is a single image; give the folder that it lies in."),
            // The oldest tar archives bear no mark. What can be told to be something else is named for what it is.
            _ when path.EndsWith(".tar", StringComparison.OrdinalIgnoreCase) && !ImageSignature.IsKnownOther(head) =>
                FromStore(TarStore.Open(path), options),
            _ => throw new SubbandException($"{path} {ImageSignature.DescribeOther(head)} "
                + "Images are read from folders, .tar, .tar.gz and .zip archives and packs."),
        };
    }

    private static IImageSource FromStore(IFileStore store, ImageSourceOptions options, string? name = null)
    {
        try
        {
            return Cifar10Binary.IsIn(store) ? Cifar10Binary.Open(store, name, options.OnRefused)
                : Stl10Binary.IsIn(store) ? Stl10Binary.Open(store, name, options.OnRefused)
                : new ImageFileSource(store, options.OnRefused);
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    private static bool HasTarMark(ReadOnlySpan<byte> head) => head.Length > TarMarkOffset && head[TarMarkOffset..].StartsWith("ustar"u8);

    private static byte[] ReadHead(string path)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            byte[] head = new byte[512];
            return head[..file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw StoredFiles.CannotRead(Path.GetFullPath(path), e);
        }
    }
}
