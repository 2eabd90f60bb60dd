using Subband.Torch;

namespace Subband.Data;

/// <summary>The official binary files of STL-10, <c>stl10_binary</c>.</summary>
/// <remarks>
/// Coates, Ng and Lee, "An Analysis of Single-Layer Networks in Unsupervised Feature Learning", AISTATS 2011; layout:
/// <see href="https://cs.stanford.edu/~acoates/stl10/"/>. An image is 3 planes, red, green and blue, of 96x96 bytes in
/// <b>column-major</b> order. Labels are bytes 1 to 10 in a file of their own; the unlabeled images have none.
/// </remarks>
internal static class Stl10Binary
{
    private const int Side = 96;
    private const int RecordLength = 3 * Side * Side;

    private static readonly string[] PixelFiles = ["train_X.bin", "test_X.bin", "unlabeled_X.bin"];

    private const string NamesFile = "class_names.txt";

    private static readonly string[] OwnFiles = [.. PixelFiles, "train_y.bin", "test_y.bin", NamesFile, "fold_indices.txt"];

    private static readonly string[] OfficialClasses =
        ["airplane", "bird", "car", "cat", "deer", "dog", "horse", "monkey", "ship", "truck"];

    private static readonly RecordLayout Layout = new("STL-10 binary, 8 bit, RGB", Side, RecordLength, Decode);

    /// <summary>Whether a store holds these files.</summary>
    public static bool IsIn(IFileStore store) => store.Files.Any(file => PixelFiles.Contains(file.BaseName));

    /// <summary>Opens the files of a store, which the source owns from now on.</summary>
    /// <param name="store">The files.</param>
    /// <param name="name">What to call the source; null for the store's path.</param>
    /// <param name="onRefused">Called for each file that is not used; null for none.</param>
    /// <exception cref="SubbandException">A file is missing, incomplete or something else.</exception>
    public static BinaryRecordSource Open(IFileStore store, string? name, Action<RefusedItem>? onRefused)
    {
        string[] classes = BinaryFiles.ClassNames(store, NamesFile, "STL-10", OfficialClasses);
        List<string> splits = [];
        List<RecordFile> files = [];
        foreach (string file in PixelFiles)
        {
            FileExtent? pixels = BinaryFiles.Open(store, file);
            if (pixels is null)
            {
                // Each part is used on its own by somebody: those who have no need of the 2.8 GB of unlabeled images.
                continue;
            }

            long count = BinaryFiles.CountRecords(pixels, RecordLength);
            string split = file[..file.IndexOf('_', StringComparison.Ordinal)];
            byte[]? labels = split == "unlabeled" ? null : ReadLabels(store, pixels, split + "_y.bin", count, classes.Length);
            files.Add(new RecordFile(pixels, splits.Count, count, labels));
            splits.Add(split);
        }

        RefusalLog refusals = new(BinaryFiles.Others(store, "STL-10", OwnFiles), onRefused);
        return new BinaryRecordSource(store, name ?? store.Path, Layout, classes, [.. splits], [.. files], refusals);
    }

    private static byte[] ReadLabels(IFileStore store, FileExtent pixels, string name, long count, int classes)
    {
        using FileExtent extent = BinaryFiles.Open(store, name)
            ?? throw new SubbandException($"The STL-10 files in {store.Path} are incomplete: {name} is missing.");
        if (extent.Length != count)
        {
            throw new SubbandException($"{extent.Name} has {extent.Length} labels, but {pixels.Name} has {count} images; one of them is incomplete.");
        }

        byte[] labels = new byte[count];
        extent.Read(0, labels);
        for (long i = 0; i < count; i++)
        {
            // 1 to 10 in the file, 0 to 9 here.
            labels[i] = labels[i] >= 1 && labels[i] <= classes
                ? (byte)(labels[i] - 1)
                : throw new SubbandException($"{extent.Name} is no STL-10 file: its label {i} is {labels[i]}, and labels are 1 to {classes}.");
        }

        return labels;
    }

    private static void Decode(ReadOnlySpan<byte> record, Span<byte> pixels)
    {
        const int Plane = Side * Side;
        for (int y = 0; y < Side; y++)
        {
            for (int x = 0; x < Side; x++)
            {
                int from = (x * Side) + y;
                int to = 3 * ((y * Side) + x);
                pixels[to] = record[from];
                pixels[to + 1] = record[Plane + from];
                pixels[to + 2] = record[(2 * Plane) + from];
            }
        }
    }
}
