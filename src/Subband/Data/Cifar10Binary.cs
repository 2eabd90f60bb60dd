using Subband.Torch;

namespace Subband.Data;

/// <summary>The official binary files of CIFAR-10, <c>cifar-10-batches-bin</c>.</summary>
/// <remarks>
/// Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009; layout:
/// <see href="https://www.cs.toronto.edu/~kriz/cifar.html"/>. A record is one label byte and 3,072 bytes: the 1,024 red,
/// then green, then blue values, row by row. The official files have 10,000 records each; any number is read.
/// </remarks>
internal static class Cifar10Binary
{
    private const int Side = 32;
    private const int RecordLength = 1 + (3 * Side * Side);

    private static readonly string[] Batches =
        ["data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin", "data_batch_5.bin", "test_batch.bin"];

    private const string NamesFile = "batches.meta.txt";

    private static readonly string[] OwnFiles = [.. Batches, NamesFile, "readme.html"];

    private static readonly string[] OfficialClasses =
        ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];

    private static readonly RecordLayout Layout = new("CIFAR-10 binary, 8 bit, RGB", Side, RecordLength, Decode);

    /// <summary>Whether a store holds these files.</summary>
    public static bool IsIn(IFileStore store) => store.Files.Any(file => Batches.Contains(file.BaseName));

    /// <summary>Opens the files of a store, which the source owns from now on.</summary>
    /// <param name="store">The files.</param>
    /// <param name="name">What to call the source; null for the store's path.</param>
    /// <param name="onRefused">Called for each file that is not used; null for none.</param>
    /// <exception cref="SubbandException">A file is missing, incomplete or something else.</exception>
    public static BinaryRecordSource Open(IFileStore store, string? name, Action<RefusedItem>? onRefused)
    {
        RecordFile[] files = [.. Batches.Select((name, i) => OpenBatch(store, name, split: i < 5 ? 0 : 1))];
        string[] classes = BinaryFiles.ClassNames(store, NamesFile, "CIFAR-10", OfficialClasses);
        RefusalLog refusals = new(BinaryFiles.Others(store, "CIFAR-10", OwnFiles), onRefused);
        return new BinaryRecordSource(store, name ?? store.Path, Layout, classes, ["train", "test"], files, refusals);
    }

    private static RecordFile OpenBatch(IFileStore store, string name, int split)
    {
        FileExtent extent = BinaryFiles.Open(store, name)
            ?? throw new SubbandException($"The CIFAR-10 files in {store.Path} are incomplete: {name} is missing.");
        long count = BinaryFiles.CountRecords(extent, RecordLength);
        byte[] labels = new byte[count];
        byte[] chunk = new byte[256 * RecordLength];
        for (long first = 0; first < count; first += 256)
        {
            int records = (int)Math.Min(256, count - first);
            extent.Read(first * RecordLength, chunk.AsSpan(0, records * RecordLength));
            for (int i = 0; i < records; i++)
            {
                byte label = chunk[i * RecordLength];
                labels[first + i] = label < OfficialClasses.Length
                    ? label
                    : throw new SubbandException($"{extent.Name} is no CIFAR-10 file: its record {first + i} has the label {label}, and labels are 0 to 9.");
            }
        }

        return new RecordFile(extent, split, count, labels);
    }

    private static void Decode(ReadOnlySpan<byte> record, Span<byte> pixels)
    {
        const int Plane = Side * Side;
        ReadOnlySpan<byte> planes = record[1..];
        for (int i = 0; i < Plane; i++)
        {
            pixels[3 * i] = planes[i];
            pixels[(3 * i) + 1] = planes[Plane + i];
            pixels[(3 * i) + 2] = planes[(2 * Plane) + i];
        }
    }
}
