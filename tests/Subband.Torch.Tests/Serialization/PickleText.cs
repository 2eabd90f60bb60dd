using System.Buffers.Binary;
using System.Text;

namespace Subband.Torch.Tests.Serialization;

/// <summary>
/// Spells pickles of protocol 2 as texts of which each character is a byte, and wraps them as PyTorch files.
/// </summary>
internal static class PickleText
{
    /// <summary>Python's <c>os.system</c>, as a pickle made on Linux names it, called with a command.</summary>
    public static string Attack(string command) => Call("posix", "system", Text(command));

    public static string Text(string text) => "X" + Number32(text.Length) + text;

    public static string Number(long number)
    {
        byte[] bytes = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, number);
        return "\u008a\u0008" + Encoding.Latin1.GetString(bytes);
    }

    public static string Global(string module, string name) => $"c{module}\n{name}\n";

    public static string Tuple(params string[] items) => "(" + string.Concat(items) + "t";

    public static string List(params string[] items) => "](" + string.Concat(items) + "e";

    public static string Dictionary(params string[] keysAndValues) => "}(" + string.Concat(keysAndValues) + "u";

    public static string Call(string module, string name, params string[] arguments) =>
        Global(module, name) + Tuple(arguments) + "R";

    public static string Storage(string key, long length, string type = "Float", string location = "cuda:0") =>
        Tuple(Text("storage"), Global("torch", type + "Storage"), Text(key), Text(location), Number(length)) + "Q";

    public static string Tensor(string storage, long offset, long[] shape, long[] strides) => Call(
        "torch._utils",
        "_rebuild_tensor_v2",
        storage,
        Number(offset),
        Tuple([.. shape.Select(Number)]),
        Tuple([.. strides.Select(Number)]),
        "\u0089",
        Call("collections", "OrderedDict"));

    /// <summary>A pickle of protocol 2 as bytes.</summary>
    public static byte[] Pickle(string body) => Encoding.Latin1.GetBytes("\u0080\u0002" + body + ".");

    /// <summary>A file of the legacy format: the object, then storages by key.</summary>
    public static byte[] Legacy(string body, params (string Key, byte[] Bytes, int ElementSize)[] storages)
    {
        List<byte> file =
        [
            .. Pickle("\u008a\u000a" + "l\u00fc\u009cF\u00f9 j\u00a8P\u0019"),
            .. Pickle(Number(1001)),
            .. Pickle(Dictionary(Text("little_endian"), "\u0088")),
            .. Pickle(body),
            .. Pickle(List([.. storages.Select(storage => Text(storage.Key))])),
        ];
        foreach ((_, byte[] bytes, int elementSize) in storages)
        {
            file.AddRange(BitConverter.GetBytes((long)bytes.Length / elementSize));
            file.AddRange(bytes);
        }

        return [.. file];
    }

    /// <summary>A file of the zip format: the object, then storages by key.</summary>
    public static byte[] Zip(string body, params (string Key, byte[] Bytes)[] storages)
    {
        ZipText zip = new();
        zip.Add("any name/data.pkl", Pickle(body));
        foreach ((string key, byte[] bytes) in storages)
        {
            zip.Add($"any name/data/{key}", bytes);
        }

        return zip.ToArray();
    }

    private static string Number32(int number)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, number);
        return Encoding.Latin1.GetString(bytes);
    }
}
