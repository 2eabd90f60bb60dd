using System.Buffers.Binary;
using System.Text;

namespace Subband.Torch.Serialization.Pickle;

/// <summary>numpy's element type of a single number, such as <c>f8</c>: enough to read the number itself.</summary>
internal sealed class NumpyType
{
    private readonly string _code;

    private NumpyType(string code) => _code = code;

    /// <summary><c>numpy.dtype(code, align, copy)</c>.</summary>
    public static NumpyType Make(PickleMachine machine, PyTorchList arguments) =>
        arguments is [string { Length: <= 3 } code, ..]
            ? new NumpyType(code)
            : throw machine.Error("a numpy.dtype is not that of a plain number");

    /// <summary><c>numpy.core.multiarray.scalar(dtype, bytes)</c>: a plain number, as a long, double or bool.</summary>
    public static object Scalar(PickleMachine machine, PyTorchList arguments)
    {
        (NumpyType? type, byte[]? bytes) = arguments switch
        {
            [NumpyType found, byte[] raw] => (found, raw),

            // Python 2's bytes that happen to be a text.
            [NumpyType found, string text] => (found, Encoding.UTF8.GetBytes(text)),
            _ => (null, null),
        };
        return type is not null && bytes is not null && type.Number(bytes) is { } number
            ? number
            : throw machine.Error("a numpy scalar is not a plain number");
    }

    /// <summary>Checks the state that numpy gives a type after making it: (version, byte order, …).</summary>
    public static void CheckState(PickleMachine machine, object? state)
    {
        if (state is not PyTorchList { IsTuple: true } parts || parts is not [_, "<" or "|" or "=", ..])
        {
            throw machine.Error("a numpy.dtype is not little-endian");
        }
    }

    private object? Number(byte[] bytes) => (_code, bytes.Length) switch
    {
        ("f8", 8) => BinaryPrimitives.ReadDoubleLittleEndian(bytes),
        ("f4", 4) => (double)BinaryPrimitives.ReadSingleLittleEndian(bytes),
        ("f2", 2) => (double)BinaryPrimitives.ReadHalfLittleEndian(bytes),
        ("i8", 8) => BinaryPrimitives.ReadInt64LittleEndian(bytes),
        ("i4", 4) => (long)BinaryPrimitives.ReadInt32LittleEndian(bytes),
        ("i2", 2) => (long)BinaryPrimitives.ReadInt16LittleEndian(bytes),
        ("i1", 1) => (long)(sbyte)bytes[0],
        ("u4", 4) => (long)BinaryPrimitives.ReadUInt32LittleEndian(bytes),
        ("u2", 2) => (long)BinaryPrimitives.ReadUInt16LittleEndian(bytes),
        ("u1", 1) => (long)bytes[0],
        ("b1", 1) => bytes[0] != 0,
        _ => null,
    };
}
