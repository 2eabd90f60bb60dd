namespace Subband.Torch.Serialization.Pickle;

/// <summary>A function or class that a pickle may name.</summary>
/// <param name="Name">Its full Python name.</param>
/// <param name="Call">What calling it with a tuple of arguments gives; null where it may only be named.</param>
/// <param name="StorageType">The element type, for a class of storages.</param>
internal sealed record PickleGlobal(
    string Name, Func<PickleMachine, PyTorchList, object?>? Call = null, DType? StorageType = null);
