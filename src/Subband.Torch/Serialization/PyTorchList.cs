using System.Collections;

namespace Subband.Torch.Serialization;

/// <summary>
/// A Python list or tuple in a PyTorch file. See <see cref="PyTorchFile.Root"/> for what the items can be.
/// </summary>
public sealed class PyTorchList : IReadOnlyList<object?>
{
    private readonly List<object?> _items;

    internal PyTorchList(bool isTuple, List<object?> items)
    {
        IsTuple = isTuple;
        _items = items;
    }

    /// <summary>Whether it was a tuple in Python.</summary>
    public bool IsTuple { get; }

    /// <inheritdoc/>
    public int Count => _items.Count;

    /// <inheritdoc/>
    public object? this[int index] => _items[index];

    /// <inheritdoc/>
    public IEnumerator<object?> GetEnumerator() => _items.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    internal void Add(object? item) => _items.Add(item);
}
