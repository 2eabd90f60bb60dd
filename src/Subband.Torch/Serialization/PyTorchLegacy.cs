using System.Globalization;
using System.Numerics;
using Subband.Torch.Serialization.Pickle;

namespace Subband.Torch.Serialization;

/// <summary>
/// PyTorch's format before 1.6: five pickles (magic number, version, facts about the writing machine, the object, the
/// keys of its storages), then for each key the number of elements (8 bytes) and the elements.
/// </summary>
internal static class PyTorchLegacy
{
    private const long Version = 1001;

    private static readonly BigInteger Magic = BigInteger.Parse(
        "1950a86a20f9469cfc6c", NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    /// <summary>Reads the pickles and ties the storages to their bytes.</summary>
    /// <exception cref="FileFormatException">The file is cut off, damaged, or not allowed.</exception>
    public static object? ReadRoot(MappedFile file)
    {
        PickleCursor cursor = new(file, 0, file.Length);
        if (Run(cursor) is not BigInteger magic || magic != Magic)
        {
            throw new FileFormatException(
                $"{file.Path} is a Python pickle, but not one that torch.save wrote. "
                + "Save its weights in Python with torch.save.");
        }

        if (Run(cursor) is not Version)
        {
            throw cursor.Error($"the format's version is not {Version}");
        }

        CheckByteOrder(cursor, Run(cursor));
        StorageTable storages = new(bind: null);
        object? root = new PickleMachine(cursor, storages.Load).Run();
        BindAll(cursor, file, storages, Run(cursor));
        return root;
    }

    private static object? Run(PickleCursor cursor) => new PickleMachine(cursor, loadPersistent: null).Run();

    private static void CheckByteOrder(PickleCursor cursor, object? facts)
    {
        if (facts is not PyTorchDictionary dictionary
            || !dictionary.TryGetValue("little_endian", out object? little)
            || little is not true)
        {
            throw cursor.Error("the file was not written by a little-endian machine, and only such files can be read");
        }
    }

    private static void BindAll(PickleCursor cursor, MappedFile file, StorageTable storages, object? keys)
    {
        if (keys is not PyTorchList list)
        {
            throw cursor.Error("the list of storages is missing");
        }

        HashSet<string> bound = [];
        foreach (object? item in list)
        {
            if (item is not string key
                || !storages.All.TryGetValue(key, out PyTorchStorage? storage)
                || !bound.Add(key))
            {
                throw cursor.Error("the list of storages names one that no tensor uses, or one twice");
            }

            Bind(cursor, file, storage);
        }

        if (bound.Count != storages.All.Count)
        {
            throw cursor.Error($"{storages.All.Count} storages are used, but only {bound.Count} are in the file");
        }

        if (cursor.Position != file.Length)
        {
            throw cursor.Error($"{file.Length - cursor.Position} bytes follow that belong to nothing");
        }
    }

    private static void Bind(PickleCursor cursor, MappedFile file, PyTorchStorage storage)
    {
        ulong count = cursor.UInt64();
        if (count != (ulong)storage.Length)
        {
            throw cursor.Error(
                $"the storage '{FileText.Shown(storage.Key)}' should have {storage.Length} elements, but has {count}");
        }

        storage.Bind(file, cursor.Position);
        cursor.Skip(storage.ByteCount);
    }
}
