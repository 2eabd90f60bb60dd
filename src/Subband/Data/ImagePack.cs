using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Subband.Imaging;
using Subband.Torch;
using Subband.Torch.Serialization;

namespace Subband.Data;

/// <summary>
/// Writes packs: all images of a source, decoded, in one <c>.safetensors</c> file that is a source itself and needs no image
/// library. See <c>docs/data.md</c> for what is inside.
/// </summary>
public static class ImagePack
{
    // Decoded in parallel and then written in order.
    private const int ChunkLength = 256;

    /// <summary>Packs a source. Images that cannot be decoded are left out, and are in the report by name.</summary>
    /// <param name="source">The images; one without end has to be cut by <c>take</c>.</param>
    /// <param name="path">The file to write, ending in <c>.safetensors</c>. It appears when it is complete.</param>
    /// <param name="threads">How many threads decode, at least 1.</param>
    /// <param name="progress">Called now and then, from any thread; null for none. The images are gone through twice: to
    /// learn their sizes, and to write them.</param>
    /// <param name="cancellationToken">Stops it; nothing is written.</param>
    /// <returns>What was found in the source.</returns>
    /// <exception cref="UsageException">The source has no end, or the path another ending.</exception>
    /// <exception cref="SubbandException">No image can be decoded, or the file cannot be written.</exception>
    public static DataReport Write(
        IImageSource source, string path, int threads, Action<DataProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        if (source.Count is null)
        {
            throw new UsageException($"{source.Name} has no end; say how many images to pack, as in {source.Name},take=0..10000.");
        }

        if (!path.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase))
        {
            throw new UsageException($"A pack's name ends in .safetensors, but {path} was given.");
        }

        SurveyResult survey = DataSurvey.Examine(source, threads, "Examining", progress, cancellationToken);
        long[] items = [.. Enumerable.Range(0, survey.Sizes.Length).Where(i => survey.Sizes[i].Width > 0).Select(i => (long)i)];
        if (items.Length == 0)
        {
            throw new SubbandException($"No image of {source.Name} can be decoded, so that there is nothing to pack.");
        }

        SafetensorsWriter writer = new(Metadata(source, survey.Sizes.Length - items.Length));
        AddPixels(writer, source, items, survey.Sizes, threads, progress, cancellationToken);
        AddNumbers(writer, PackFormat.Labels, [items.Length], [.. items.Select(i => (long)source.Label(i))]);
        AddNumbers(writer, PackFormat.Splits, [items.Length], [.. items.Select(i => (long)source.Split(i))]);
        // A pack is large enough that what a killed one left should not lie there for good.
        _ = AtomicFile.CleanUpAbandoned(Path.GetDirectoryName(Path.GetFullPath(path))!);
        writer.Save(path);
        return survey.Report;
    }

    private static Dictionary<string, string> Metadata(IImageSource source, int leftOut) => new()
    {
        [PackFormat.FormatKey] = PackFormat.Name,
        [PackFormat.VersionKey] = PackFormat.Version,
        [PackFormat.ClassNamesKey] = JsonSerializer.Serialize([.. source.Classes], DataJson.Default.StringArray),
        [PackFormat.SplitNamesKey] = JsonSerializer.Serialize([.. source.Splits], DataJson.Default.StringArray),
        [PackFormat.SourceKey] = source.Name,
        [PackFormat.LeftOutKey] = leftOut.ToString(CultureInfo.InvariantCulture),
    };

    private static void AddPixels(
        SafetensorsWriter writer,
        IImageSource source,
        long[] items,
        ImageSize[] sizes,
        int threads,
        Action<DataProgress>? progress,
        CancellationToken cancellationToken)
    {
        ImageSize first = sizes[items[0]];
        if (items.All(i => sizes[i] == first))
        {
            writer.Add(PackFormat.Pixels, DType.UInt8, [items.Length, 3, first.Height, first.Width], WritePixels);
            return;
        }

        long total = items.Sum(i => 3L * sizes[i].Width * sizes[i].Height);
        writer.Add(PackFormat.Pixels, DType.UInt8, [total], WritePixels);
        AddNumbers(writer, PackFormat.Sizes, [items.Length, 2], [.. items.SelectMany(i => new long[] { sizes[i].Height, sizes[i].Width })]);

        void WritePixels(Stream stream)
        {
            byte[][] chunk = new byte[ChunkLength][];
            for (int begin = 0; begin < items.Length; begin += ChunkLength)
            {
                int count = Math.Min(ChunkLength, items.Length - begin);
                ParallelOptions options = new() { MaxDegreeOfParallelism = threads, CancellationToken = cancellationToken };
                DataSurvey.ForEach(count, options, i => chunk[i] = Planes(source, items[begin + i], sizes[items[begin + i]]));
                for (int i = 0; i < count; i++)
                {
                    stream.Write(chunk[i]);
                }

                progress?.Invoke(new DataProgress("Packing", begin + count, items.Length, InBytes: false));
            }
        }
    }

    /// <summary>An image as <c>[3, H, W]</c>.</summary>
    private static byte[] Planes(IImageSource source, long index, ImageSize expected)
    {
        Rgb8Image image = source.Read(index);
        if (image.Width != expected.Width || image.Height != expected.Height)
        {
            throw new SubbandException($"{source.ItemName(index)} of {source.Name} changed while it was packed; pack again when nothing writes to it.");
        }

        byte[] pixels = image.Pixels;
        int plane = pixels.Length / 3;
        byte[] planes = new byte[pixels.Length];
        for (int i = 0, p = 0; i < plane; i++, p += 3)
        {
            planes[i] = pixels[p];
            planes[plane + i] = pixels[p + 1];
            planes[(2 * plane) + i] = pixels[p + 2];
        }

        return planes;
    }

    private static void AddNumbers(SafetensorsWriter writer, string name, long[] shape, long[] numbers) =>
        writer.Add(name, DType.Int64, shape, stream => stream.Write(MemoryMarshal.AsBytes<long>(numbers)));
}
