using System.Text;
using Subband.Torch;

namespace Subband.Data;

/// <summary>What official binary data sets have in common.</summary>
internal static class BinaryFiles
{
    private const int MaxTextLength = 1 << 16;

    /// <summary>Opens the file of a base name, in whatever folder of the store; null where there is none.</summary>
    /// <exception cref="SubbandException">There are two, or the store packs its files.</exception>
    public static FileExtent? Open(IFileStore store, string baseName)
    {
        int[] found = [.. store.Files.Index().Where(file => file.Item.BaseName == baseName).Select(file => file.Index)];
        return found.Length switch
        {
            0 => null,
            1 => store.OpenExtent(found[0]) ?? throw new SubbandException(
                $"{store.Path} holds {baseName} in packed form, where it cannot be read in place; unpack the archive and give its folder."),
            _ => throw new SubbandException(
                $"{store.Path} holds {baseName} twice, as {store.Files[found[0]].Name} and {store.Files[found[1]].Name}; give the folder of one."),
        };
    }

    /// <summary>What lies in a store and is not used: what the store refuses, and every file that is not one of the set's own.</summary>
    /// <param name="store">The files.</param>
    /// <param name="set">The set's name, for messages.</param>
    /// <param name="own">The base names of the set's own files, whether they are read or not.</param>
    public static IEnumerable<RefusedItem> Others(IFileStore store, string set, IReadOnlyList<string> own) =>
        store.Refused.Concat(store.Files.Where(file => !own.Contains(file.BaseName))
            .Select(file => new RefusedItem(file.Name, $"lies beside the {set} files and is not read.")));

    /// <summary>How many records a file holds.</summary>
    /// <exception cref="SubbandException">It is empty, or not a whole number of records.</exception>
    public static long CountRecords(FileExtent extent, int recordLength)
    {
        (long count, long rest) = Math.DivRem(extent.Length, recordLength);
        return rest == 0 && count > 0
            ? count
            : throw new SubbandException($"{extent.Name} has {extent.Length} bytes, which is not a whole number of records of "
                + $"{recordLength} bytes; it is incomplete or something else.");
    }

    /// <summary>The classes that a text file of the set names, a line each; the official ones where there is no such file.</summary>
    /// <param name="store">The files.</param>
    /// <param name="baseName">The base name of the text file.</param>
    /// <param name="set">The set's name, for messages.</param>
    /// <param name="official">The classes of the published set.</param>
    /// <exception cref="SubbandException">The file does not name as many classes as there are.</exception>
    public static string[] ClassNames(IFileStore store, string baseName, string set, string[] official)
    {
        using FileExtent? extent = Open(store, baseName);
        if (extent is null)
        {
            return official;
        }

        string[] names = Lines(extent);
        return names.Length == official.Length
            ? names
            : throw new SubbandException($"{extent.Name} has {names.Length} class names; {set} has {official.Length}.");
    }

    // The lines of a small text file that are not blank.
    private static string[] Lines(FileExtent extent)
    {
        if (extent.Length > MaxTextLength)
        {
            throw new SubbandException($"{extent.Name} should hold a few names but has {extent.Length} bytes.");
        }

        byte[] bytes = new byte[extent.Length];
        extent.Read(0, bytes);
        return Encoding.UTF8.GetString(bytes).Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
    }
}
