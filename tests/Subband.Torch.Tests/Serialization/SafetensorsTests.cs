using System.Text;
using Subband.Torch.Serialization;

namespace Subband.Torch.Tests.Serialization;

public sealed class SafetensorsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose()
    {
        FaultPoint.Hook = null;
        _folder.Dispose();
    }

    [Fact]
    public void What_is_written_is_read_back()
    {
        byte[] weight = [.. Enumerable.Range(0, 24).Select(value => (byte)value)];
        Dictionary<string, string> metadata = new() { ["model"] = "lapgan \"1\"\n", ["é"] = "😀" };
        SafetensorsWriter writer = new(metadata);
        writer.Add("conv.weight", DType.Float32, [2, 3], weight);
        writer.Add("scalar", DType.Int64, [], weight.AsMemory(0, 8));
        writer.Add("none", DType.Float16, [0, 5], ReadOnlyMemory<byte>.Empty);
        writer.Add("flag", DType.Bool, [3], stream =>
        {
            stream.WriteByte(1);
            stream.Write([0, 1]);
        });
        writer.Save(_folder["x.safetensors"]);

        using SafetensorsFile file = SafetensorsFile.Open(_folder["x.safetensors"]);
        Assert.Equal(["scalar", "conv.weight", "none", "flag"], file.Entries.Select(entry => entry.Name));
        Assert.Equal(weight, file.Bytes("conv.weight"));
        Assert.Equal(weight.AsSpan(0, 8), file.Bytes("scalar"));
        Assert.True(file.Bytes("none").IsEmpty);
        Assert.Equal(new byte[] { 1, 0, 1 }, file.Bytes("flag"));
        Assert.Equal([2, 3], file["conv.weight"].Shape);
        Assert.Equal([], file["scalar"].Shape);
        Assert.Equal(DType.Bool, file["flag"].DType);
        Assert.Equal("lapgan \"1\"\n", file.Metadata["model"]);
        Assert.Equal("😀", file.Metadata["é"]);
        Assert.False(file.TryGetEntry("x", out _));
    }

    [Theory]
    [InlineData(DType.UInt8)]
    [InlineData(DType.Int8)]
    [InlineData(DType.Int16)]
    [InlineData(DType.Int32)]
    [InlineData(DType.Int64)]
    [InlineData(DType.Float16)]
    [InlineData(DType.Float32)]
    [InlineData(DType.Float64)]
    [InlineData(DType.Bool)]
    [InlineData(DType.BFloat16)]
    public unsafe void Every_type_goes_and_returns_from_native_memory(DType dtype)
    {
        byte[] bytes = [.. Enumerable.Range(1, 3 * dtype.SizeInBytes()).Select(value => (byte)value)];
        SafetensorsWriter writer = new();
        fixed (byte* data = bytes)
        {
            writer.Add("t", dtype, [3], data);
            writer.Save(_folder["t"]);
        }

        using SafetensorsFile file = SafetensorsFile.Open(_folder["t"]);
        Assert.Equal(dtype, file["t"].DType);
        Assert.Equal(bytes, new ReadOnlySpan<byte>(file.Pointer("t"), bytes.Length));
    }

    [Fact]
    public void The_bytes_are_those_of_the_format_whatever_the_order_of_adding()
    {
        // The layout that the format's description and its Rust library's serialize() give for these three tensors:
        // wider types first, then by name, header padded with blanks to a multiple of 8.
        const string Json = """{"__metadata__":{"a":"1","b":"2"},"z":{"dtype":"F32","shape":[1],"data_offsets":[0,"""
            + """4]},"a":{"dtype":"BF16","shape":[],"data_offsets":[4,"""
            + """6]},"b":{"dtype":"BF16","shape":[1,1],"data_offsets":[6,8]}}""";
        byte[] expected = Assemble(Json.PadRight((Json.Length + 7) / 8 * 8), [1, 2, 3, 4, 5, 6, 7, 8]);

        (string Name, DType Type, long[] Shape, byte[] Bytes)[] tensors =
        [
            ("a", DType.BFloat16, [], [5, 6]),
            ("b", DType.BFloat16, [1, 1], [7, 8]),
            ("z", DType.Float32, [1], [1, 2, 3, 4]),
        ];
        foreach (int[] order in (int[][])[[0, 1, 2], [2, 1, 0], [1, 2, 0]])
        {
            SafetensorsWriter writer = new(new Dictionary<string, string> { ["b"] = "2", ["a"] = "1" });
            foreach (int index in order)
            {
                writer.Add(tensors[index].Name, tensors[index].Type, tensors[index].Shape, tensors[index].Bytes);
            }

            using MemoryStream stream = new();
            writer.Write(stream);
            Assert.Equal(expected, stream.ToArray());
        }
    }

    [Theory]
    [InlineData("weights/squeezenet1_1.safetensors", 52, "classifier.1.bias", 1000)]
    [InlineData("weights/squeezenet1_1_lpips_features.safetensors", 50, "features.0.bias", 64)]
    public void The_shipped_networks_read_and_write_to_the_same_content(
        string name, int count, string tensor, int length)
    {
        using SafetensorsFile file = SafetensorsFile.Open(TestData.Path(name));
        Assert.Equal(count, file.Entries.Count);
        Assert.Equal([length], file[tensor].Shape);

        SafetensorsWriter writer = new(file.Metadata);
        foreach (SafetensorsEntry entry in file.Entries)
        {
            writer.Add(entry.Name, entry.DType, entry.Shape, file.Bytes(entry.Name).ToArray());
        }

        writer.Save(_folder["copy"]);
        using SafetensorsFile copy = SafetensorsFile.Open(_folder["copy"]);
        Assert.Equal(file.Metadata, copy.Metadata);
        Assert.All(file.Entries, entry => Assert.Equal(file.Bytes(entry.Name), copy.Bytes(entry.Name)));
        Assert.All(copy.Entries, entry => Assert.Equal(0, entry.Offset % entry.DType.SizeInBytes()));
    }

    [Fact]
    public unsafe void A_file_over_two_gibibytes_is_mapped_whole()
    {
        const long Size = (1L << 31) + 8;
        string header = $$$"""{"big":{"dtype":"I64","shape":[{{{Size / 8}}}],"data_offsets":[0,{{{Size}}}]}}""";
        byte[] start = Assemble(header, []);
        using (FileStream stream = new(_folder["big"], FileMode.CreateNew))
        {
            // A hole in the file: nothing but the first and the last page takes space.
            stream.Write(start);
            stream.SetLength(start.Length + Size);
            stream.Seek(-1, SeekOrigin.End);
            stream.WriteByte(7);
        }

        using SafetensorsFile file = SafetensorsFile.Open(_folder["big"]);
        Assert.Equal(7, file.Pointer("big")[Size - 1]);
        SubbandException error = Assert.Throws<SubbandException>(() => _ = file.Bytes("big"));
        Assert.Contains("use Pointer", error.Message);
    }

    [Fact]
    public void A_missing_tensor_is_answered_with_those_that_are_there()
    {
        SafetensorsWriter writer = new();
        writer.Add("there", DType.UInt8, [1], new byte[1]);
        writer.Save(_folder["x"]);
        using SafetensorsFile file = SafetensorsFile.Open(_folder["x"]);
        SubbandException error = Assert.Throws<SubbandException>(() => file["absent"]);
        Assert.Contains("'absent'", error.Message);
        Assert.Contains("there", error.Message);
    }

    [Fact]
    public void A_closed_file_gives_no_more_bytes()
    {
        SafetensorsWriter writer = new();
        writer.Add("t", DType.UInt8, [1], new byte[1]);
        writer.Save(_folder["x"]);
        SafetensorsFile file = SafetensorsFile.Open(_folder["x"]);
        file.Dispose();
        file.Dispose();
        Assert.Throws<ObjectDisposedException>(() => _ = file.Bytes("t"));
    }

    [Fact]
    public void A_callback_that_writes_too_little_or_too_much_leaves_the_old_file()
    {
        string path = _folder.Write("x", "old"u8);
        foreach (int count in (int[])[3, 5])
        {
            SafetensorsWriter writer = new();
            writer.Add("t", DType.Float32, [1], stream => stream.Write(new byte[count]));
            InvalidOperationException error = Assert.Throws<InvalidOperationException>(() => writer.Save(path));
            Assert.Contains("'t' has 4 bytes", error.Message);
            Assert.Equal("old", File.ReadAllText(path));
        }
    }

    [Fact]
    public void Wrong_arguments_to_the_writer_are_refused_by_name()
    {
        SafetensorsWriter writer = new();
        writer.Add("t", DType.UInt8, [1], new byte[1]);
        Assert.Throws<ArgumentException>(() => writer.Add("t", DType.UInt8, [1], new byte[1]));
        Assert.Throws<ArgumentException>(() => writer.Add("__metadata__", DType.UInt8, [1], new byte[1]));
        Assert.Throws<ArgumentException>(() => writer.Add("u", DType.UInt8, [2], new byte[1]));
        Assert.Throws<ArgumentException>(() => writer.Add("u", DType.UInt8, [-1], new byte[1]));
        Assert.Throws<ArgumentException>(() => writer.Add("u", DType.Int64, [1L << 40, 1L << 40], new byte[1]));
        Assert.Throws<ArgumentException>(() => writer.Add("\ud800", DType.UInt8, [1], new byte[1]));
        Assert.Throws<ArgumentException>(
            () => new SafetensorsWriter(new Dictionary<string, string> { ["k"] = "\udc00" }));
    }

    [Fact]
    public void A_fault_at_each_step_of_a_save_leaves_the_old_file_or_the_new_one_both_readable()
    {
        string path = _folder["x.safetensors"];
        bool done = false;
        for (int countdown = 1; !done; countdown++)
        {
            Writer(1).Save(path);
            int left = countdown;
            FaultPoint.Hook = _ =>
            {
                if (--left == 0)
                {
                    throw new IOException("injected");
                }
            };
            done = Record.Exception(() => Writer(2).Save(path)) is null;
            FaultPoint.Hook = null;
            using SafetensorsFile file = SafetensorsFile.Open(path);
            byte value = file.Bytes("a")[0];
            Assert.Contains(value, new byte[] { 1, 2 });
            Assert.Equal(value, file.Bytes("b")[0]);
        }

        static SafetensorsWriter Writer(byte value)
        {
            SafetensorsWriter writer = new();
            writer.Add("a", DType.UInt8, [1], new[] { value });
            writer.Add("b", DType.UInt8, [1], new[] { value });
            return writer;
        }
    }

    internal static byte[] Assemble(string header, ReadOnlySpan<byte> data)
    {
        byte[] json = Encoding.UTF8.GetBytes(header);
        return [.. BitConverter.GetBytes((long)json.Length), .. json, .. data];
    }
}
