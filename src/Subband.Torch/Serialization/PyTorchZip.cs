using Subband.Torch.Serialization.Pickle;

namespace Subband.Torch.Serialization;

/// <summary>
/// PyTorch's zip format: below one folder of any name, <c>data.pkl</c> is the pickle and <c>data/KEY</c> the bytes of
/// the storage KEY.
/// </summary>
internal static class PyTorchZip
{
    private const string PickleName = "data.pkl";

    /// <summary>Reads the pickle and ties its storages to their entries.</summary>
    /// <exception cref="FileFormatException">The archive or its pickle is damaged or not allowed.</exception>
    public static object? ReadRoot(MappedFile file)
    {
        ZipDirectory zip = ZipDirectory.Read(file);
        string folder = FindFolder(file, zip);
        CheckByteOrder(file, zip, folder);
        StorageTable storages = new((machine, storage) => Bind(machine, storage, file, zip, folder));
        _ = zip.TryFind(folder + PickleName, out long offset, out long length);
        PickleCursor cursor = new(file, offset, offset + length);
        object? root = new PickleMachine(cursor, storages.Load).Run();
        return cursor.Position == offset + length ? root : throw cursor.Error("the pickle ends before its entry does");
    }

    private static string FindFolder(MappedFile file, ZipDirectory zip)
    {
        string[] pickles = [.. zip.Names.Where(name => Path.GetFileName(name) == PickleName)];
        if (pickles is not [string pickle])
        {
            throw new FileFormatException(
                $"{file.Path} is a zip archive, but not a PyTorch file: it has {pickles.Length} entries named "
                + $"{PickleName}, and one is expected.");
        }

        string folder = pickle[..^PickleName.Length];
        return zip.Names.Contains(folder + "constants.pkl")
            ? throw new FileFormatException(
                $"{file.Path} is a TorchScript program, not a file of weights. Save its state dict in Python: "
                + "torch.save(torch.jit.load(file).state_dict(), other).")
            : folder;
    }

    private static void CheckByteOrder(MappedFile file, ZipDirectory zip, string folder)
    {
        if (zip.TryFind(folder + "byteorder", out long offset, out long length)
            && !(length < 16 && file.Span(offset, length).SequenceEqual("little"u8)))
        {
            throw new FileFormatException(
                $"{file.Path} was written on a machine of another byte order; only little-endian files can be read.");
        }
    }

    private static void Bind(
        PickleMachine machine, PyTorchStorage storage, MappedFile file, ZipDirectory zip, string folder)
    {
        string name = $"{folder}data/{storage.Key}";
        if (!zip.TryFind(name, out long offset, out long length))
        {
            throw machine.Error(
                $"the storage '{FileText.Shown(storage.Key)}' has no entry '{FileText.Shown(name)}' in the archive");
        }

        if (length != storage.ByteCount)
        {
            throw machine.Error(
                $"the storage '{FileText.Shown(storage.Key)}' should have {storage.ByteCount} bytes, "
                + $"and its entry has {length}");
        }

        storage.Bind(file, offset);
    }
}
