namespace Subband.Torch.Serialization.Pickle;

/// <summary>The storages that a pickle mentions by key, each made once.</summary>
/// <param name="bind">Ties a new storage to its bytes where their place is known already.</param>
internal sealed class StorageTable(Action<PickleMachine, PyTorchStorage>? bind)
{
    private readonly Dictionary<string, PyTorchStorage> _byKey = [];

    /// <summary>The storages by key.</summary>
    public IReadOnlyDictionary<string, PyTorchStorage> All => _byKey;

    /// <summary>
    /// The storage of PyTorch's persistent id: <c>("storage", class, key, location, length)</c>, in the legacy format
    /// with a sixth item. The location says on which device the storage was, which is of no concern here.
    /// </summary>
    public PyTorchStorage Load(PickleMachine machine, object? id)
    {
        if (id is not PyTorchList { IsTuple: true, Count: 5 or 6 } parts
            || parts is not ["storage", PickleGlobal { StorageType: { } type }, string key, _, long length, ..]
            || length < 0
            || length > long.MaxValue / type.SizeInBytes())
        {
            throw machine.Error("a storage is not named by its kind, key, location and length");
        }

        if (parts.Count == 6 && parts[5] is not null)
        {
            throw machine.Error(
                $"storage '{FileText.Shown(key)}' is a view of another, as PyTorch before 0.4 wrote; "
                + "load and save the file with a newer one");
        }

        if (!_byKey.TryGetValue(key, out PyTorchStorage? storage))
        {
            storage = new PyTorchStorage(key, type, length);
            bind?.Invoke(machine, storage);
            _byKey.Add(key, storage);
        }

        return storage.DType == type && storage.Length == length
            ? storage
            : throw machine.Error($"storage '{FileText.Shown(key)}' has two types or lengths");
    }
}
