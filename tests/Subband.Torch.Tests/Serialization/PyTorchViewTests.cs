using Subband.Torch.Serialization;
using static Subband.Torch.Tests.Serialization.PickleText;

namespace Subband.Torch.Tests.Serialization;

public sealed class PyTorchViewTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("Byte", 1)]
    [InlineData("Half", 2)]
    [InlineData("Float", 4)]
    [InlineData("Double", 8)]
    public void Any_strided_view_is_laid_out_as_its_definition_says(string type, int size)
    {
        byte[] storage = [.. Enumerable.Range(0, 120 * size).Select(value => (byte)(value * 7))];
        (long Offset, long[] Shape, long[] Strides)[] views =
        [
            (0, [120], [1]),
            (3, [2, 3, 4], [60, 20, 5]),
            (119, [], []),
            (119, [1, 1], [1000, 1000]),
            (1, [4, 3], [1, 4]),
            (1, [2, 3, 5], [0, 10, 1]),
            (7, [3, 2], [0, 0]),
            (0, [2, 1, 3, 4], [12, 99, 4, 1]),
            (0, [5, 4, 3], [24, 6, 2]),
            (120, [3, 0], [1, 1]),

            // what torch.empty(2, 0, 5)[1:] has
            (5, [1, 0, 5], [5, 5, 1]),
            (500, [3, 0], [1, 1]),
        ];
        foreach ((long offset, long[] shape, long[] strides) in views)
        {
            string body = Tensor(Storage("k", 120, type), offset, shape, strides);
            using PyTorchFile file = PyTorchFile.Open(_folder.Write("x.pt", Zip(body, ("k", storage))));
            using PyTorchFile legacy = PyTorchFile.Open(_folder.Write("y.pt", Legacy(body, ("k", storage, size))));
            byte[] expected =
                [.. Indexes(offset, shape, strides).SelectMany(at => storage.Skip((int)at * size).Take(size))];
            Assert.Equal(expected, file.Tensors[""].ToContiguousBytes());
            Assert.Equal(expected, legacy.Tensors[""].ToContiguousBytes());
        }
    }

    [Fact]
    public void Too_small_a_destination_is_refused()
    {
        string body = Tensor(Storage("k", 2), 0, [2], [1]);
        using PyTorchFile file = PyTorchFile.Open(_folder.Write("x.pt", Zip(body, ("k", new byte[8]))));
        Assert.Throws<ArgumentOutOfRangeException>(() => file.Tensors[""].CopyTo(new byte[7]));
    }

    [Fact]
    public void A_closed_file_gives_no_more_elements()
    {
        string body = Tensor(Storage("k", 2), 0, [2], [1]);
        PyTorchFile file = PyTorchFile.Open(_folder.Write("x.pt", Zip(body, ("k", new byte[8]))));
        file.Dispose();
        Assert.Throws<ObjectDisposedException>(() => file.Tensors[""].ToContiguousBytes());
    }

    [Fact]
    public void Archives_with_64_bit_numbers_are_read()
    {
        ZipText zip = new() { Zip64 = true };
        zip.Add("r/data.pkl", Pickle(Dictionary(Text("w"), Tensor(Storage("0", 1), 0, [1], [1]))));
        zip.Add("r/byteorder", [.. "little"u8]);
        zip.Add("r/data/0", [1, 2, 3, 4]);
        using PyTorchFile file = PyTorchFile.Open(_folder.Write("x.pt", zip.ToArray()));
        Assert.Equal([1, 2, 3, 4], file.Tensors["w"].ToContiguousBytes());
    }

    [Fact]
    public void Untyped_storages_are_bytes_and_parameters_their_tensors()
    {
        string storage = Tuple(
            Text("storage"), Global("torch.storage", "UntypedStorage"), Text("0"), Text("cpu"), Number(3)) + "Q";
        string tensor = Call("torch._utils", "_rebuild_tensor", storage, Number(1), Tuple(Number(2)), Tuple(Number(1)));
        string parameter = Call(
            "torch._utils", "_rebuild_parameter_with_state", tensor, "\u0088", Call("collections", "OrderedDict"), "}");
        using PyTorchFile file = PyTorchFile.Open(_folder.Write("x.pt", Zip(List(parameter), ("0", [1, 2, 3]))));
        Assert.Equal(DType.UInt8, file.Tensors["0"].DType);
        Assert.Equal([2, 3], file.Tensors["0"].ToContiguousBytes());
    }

    [Fact]
    public void Keys_of_every_kind_are_found_again()
    {
        string body = Dictionary(
            Number(7), "N", Text("a"), "\u0088", "G?\u00f0\0\0\0\0\0\0", Text("one"), Number(7), Number(8));
        using PyTorchFile file = PyTorchFile.Open(_folder.Write("x.pt", Zip(body)));
        PyTorchDictionary root = Assert.IsType<PyTorchDictionary>(file.Root);
        Assert.Equal([7L, "a", 1.0], root.Keys);
        Assert.Equal(8L, root[7L]);
        Assert.Equal("one", root[1.0]);
        Assert.False(root.TryGetValue("b", out _));
    }

    private static IEnumerable<long> Indexes(long offset, long[] shape, long[] strides)
    {
        if (shape.Length == 0)
        {
            return [offset];
        }

        return Enumerable.Range(0, (int)shape[0])
            .SelectMany(index => Indexes(offset + (index * strides[0]), shape[1..], strides[1..]));
    }
}
