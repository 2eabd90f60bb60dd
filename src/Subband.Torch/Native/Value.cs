namespace Subband.Torch.Native;

/// <summary>
/// An argument of an operator on the managed side: a number in place, or a reference that the door keeps alive until
/// the native call has returned. Ordinary values convert to it, so that a call reads like a call.
/// </summary>
internal readonly struct Value
{
    private Value(ValueKind kind, object? reference, long bits = 0, int count = 0)
    {
        Kind = kind;
        Reference = reference;
        Bits = bits;
        Count = count;
    }

    /// <summary>What the schema says when nothing is given.</summary>
    public static Value Default { get; } = new(ValueKind.Default, null);

    /// <summary>An absent optional argument.</summary>
    public static Value None => default;

    public ValueKind Kind { get; }

    public object? Reference { get; }

    public long Bits { get; }

    public int Count { get; }

    /// <summary>
    /// A number for an argument that takes integers and reals. A whole one crosses as an integer, so that tensors of integers
    /// stay exact and keep their type; tensors of reals make no difference. Null for an absent argument.
    /// </summary>
    public static Value Number(double? number) => number switch
    {
        null => None,
        { } whole when IsLong(whole) => (long)whole,
        { } real => real,
    };

    public static implicit operator Value(Tensor? tensor) => tensor is null ? None : new(ValueKind.Tensor, tensor);

    public static implicit operator Value(long value) => new(ValueKind.Int, null, value);

    public static implicit operator Value(int value) => new(ValueKind.Int, null, value);

    public static implicit operator Value(double value) => new(ValueKind.Double, null, BitConverter.DoubleToInt64Bits(value));

    public static implicit operator Value(bool value) => new(ValueKind.Bool, null, value ? 1 : 0);

    public static implicit operator Value(long[]? items) => items is null ? None : new(ValueKind.IntList, items, 0, items.Length);

    public static implicit operator Value(double[]? items) =>
        items is null ? None : new(ValueKind.DoubleList, items, 0, items.Length);

    public static implicit operator Value(Tensor?[] items) => new(ValueKind.TensorList, items, 0, items.Length);

    public static implicit operator Value(string? text) => text is null ? None : new(ValueKind.String, text);

    public static implicit operator Value(DType dtype) => new(ValueKind.Int, null, (long)dtype);

    public static implicit operator Value(DType? dtype) => dtype is null ? None : dtype.Value;

    public static implicit operator Value(Device device) => new(ValueKind.Device, null, (long)device.Type, device.Index);

    public static implicit operator Value(Device? device) => device is null ? None : device.Value;

    public static implicit operator Value(Generator? generator) =>
        generator is null ? None : new(ValueKind.Generator, generator);

    public static implicit operator Value(MemoryFormat format) => new(ValueKind.Int, null, (long)format);

    /// <summary>The value as error messages show it.</summary>
    public override string ToString() => Kind switch
    {
        ValueKind.None => "none",
        ValueKind.Default => "default",
        ValueKind.Tensor => ((Tensor)Reference!).Describe(),
        ValueKind.Double => BitConverter.Int64BitsToDouble(Bits).ToString("R", null),
        ValueKind.Bool => Bits != 0 ? "true" : "false",
        ValueKind.IntList => $"[{string.Join(", ", (long[])Reference!)}]",
        ValueKind.DoubleList => $"[{string.Join(", ", (double[])Reference!)}]",
        ValueKind.TensorList => $"[{string.Join(", ", ((Tensor?[])Reference!).Select(t => t?.Describe() ?? "none"))}]",
        ValueKind.String => $"\"{Reference}\"",
        ValueKind.Device => new Device((DeviceType)Bits, Count).ToString(),
        ValueKind.Generator => "generator",
        _ => Bits.ToString(null, null),
    };

    // Not −0, of which an integer would lose the sign.
    private static bool IsLong(double number) =>
        double.IsInteger(number) && Math.Abs(number) < long.MaxValue && !(number == 0 && double.IsNegative(number));
}
