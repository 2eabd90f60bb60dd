namespace Subband.Torch.Serialization;

/// <summary>The element types of the safetensors format, in the order in which its own library ranks them.</summary>
internal static class SafetensorsTypes
{
    // (name, type, rank): files list tensors of a higher rank first, so that each starts at a multiple of its size.
    private static readonly (string Name, DType Type, int Rank)[] Known =
    [
        ("BOOL", DType.Bool, 0),
        ("U8", DType.UInt8, 1),
        ("I8", DType.Int8, 2),
        ("I16", DType.Int16, 3),
        ("F16", DType.Float16, 4),
        ("BF16", DType.BFloat16, 5),
        ("I32", DType.Int32, 6),
        ("F32", DType.Float32, 7),
        ("F64", DType.Float64, 8),
        ("I64", DType.Int64, 9),
    ];

    /// <summary>The names a file may use, for error messages.</summary>
    public static string Names { get; } = string.Join(", ", Known.Select(entry => entry.Name));

    /// <summary>The type of a name in a file; null where this toolkit has no such type.</summary>
    public static DType? Find(string name)
    {
        foreach ((string known, DType type, _) in Known)
        {
            if (known == name)
            {
                return type;
            }
        }

        return null;
    }

    /// <summary>The name of a type in a file.</summary>
    public static string Name(DType type) => Entry(type).Name;

    /// <summary>The rank of a type in the order of tensors.</summary>
    public static int Rank(DType type) => Entry(type).Rank;

    private static (string Name, DType Type, int Rank) Entry(DType type) =>
        Array.Find(Known, entry => entry.Type == type) is { Name: not null } found
            ? found
            : throw new ArgumentOutOfRangeException(nameof(type), type, "Not a known element type.");
}
