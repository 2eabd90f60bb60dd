using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace Subband.Torch.Serialization;

/// <summary>
/// A Python dictionary in a PyTorch file, or an <c>argparse.Namespace</c>, in the order of the file. Keys are mostly strings (<see cref="string"/>) or
/// whole numbers (<see cref="long"/>); see <see cref="PyTorchFile.Root"/> for what the values can be.
/// </summary>
public sealed class PyTorchDictionary : IReadOnlyDictionary<object, object?>
{
    private static readonly OrderedDictionary<object, object?> Nothing = [];

    private OrderedDictionary<object, object?>? _items;

    internal PyTorchDictionary()
    {
    }

    /// <inheritdoc/>
    public int Count => Items.Count;

    /// <inheritdoc/>
    public IEnumerable<object> Keys => Items.Keys;

    /// <inheritdoc/>
    public IEnumerable<object?> Values => Items.Values;

    /// <summary>Whether its items were the attributes of an <c>argparse.Namespace</c>.</summary>
    internal bool IsNamespace { get; init; }

    private OrderedDictionary<object, object?> Items => _items ?? Nothing;

    /// <inheritdoc/>
    public object? this[object key] => Items[key];

    /// <inheritdoc/>
    public bool ContainsKey(object key) => Items.ContainsKey(key);

    /// <inheritdoc/>
    public bool TryGetValue(object key, [MaybeNullWhen(false)] out object? value) => Items.TryGetValue(key, out value);

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<object, object?>> GetEnumerator() => Items.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    // Made at the first item: a hostile file can ask for millions of empty dictionaries with a byte each.
    internal void Set(object key, object? value) => (_items ??= new(new SeededComparer()))[key] = value;

    /// <summary>
    /// Mixes numbers with the seed of this process: their own hash codes are public, so that a hostile file could let
    /// all its keys collide.
    /// </summary>
    private sealed class SeededComparer : IEqualityComparer<object>
    {
        public new bool Equals(object? left, object? right) => object.Equals(left, right);

        public int GetHashCode(object key) => key switch
        {
            long number => HashCode.Combine((int)number, (int)(number >> 32)),
            double number => GetHashCode(BitConverter.DoubleToInt64Bits(number)),
            _ => key.GetHashCode(),
        };
    }
}
