using System.Globalization;
using System.Text;
using Subband.Torch.Serialization;
using static Subband.Torch.Tests.Serialization.PickleText;

namespace Subband.Torch.Tests.Serialization;

public sealed class PyTorchRefusalTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_pickle_that_calls_os_system_is_refused_by_name_and_nothing_is_run()
    {
        string witness = _folder["witness"];
        string attack = Attack($"touch {witness}");
        byte[][] files =
        [
            Zip(attack),
            Legacy(attack),
            Pickle(attack),
            Zip(Dictionary(Text("w"), attack)),

            // named by texts on the stack, as protocol 4 does
            Zip(Text("posix") + Text("system") + "\u0093" + Tuple(Text($"touch {witness}")) + "R"),

            // named only, in the hope of a call later
            Zip(List(Global("posix", "system"))),
        ];
        foreach (byte[] content in files)
        {
            string message = Refusal(content);
            Assert.Contains("asks for 'posix.system'", message);
            Assert.Contains("nothing was run", message);
        }

        Assert.False(File.Exists(witness));
    }

    [Theory]
    [InlineData("os", "system")]
    [InlineData("nt", "system")]
    [InlineData("builtins", "eval")]
    [InlineData("__builtin__", "getattr")]
    [InlineData("subprocess", "Popen")]
    [InlineData("torch", "load")]
    [InlineData("torch.hub", "load")]
    [InlineData("torch.storage", "_load_from_bytes")]
    [InlineData("torch._utils", "_rebuild_sparse_tensor")]
    [InlineData("torch", "QInt8Storage")]
    [InlineData("torch", "complex64")]
    [InlineData("collections", "OrderedDict.fromkeys")]
    [InlineData("collections.OrderedDict", "")]
    [InlineData("argparse", "FileType")]
    public void Every_name_that_is_not_on_the_list_is_refused_by_name(string module, string name) =>
        Assert.Contains($"asks for '{module}.{name}'", Refusal(Zip(Call(module, name))));

    [Fact]
    public void Names_called_the_way_of_protocol_0_are_refused_by_name() =>
        Assert.Contains("asks for 'os.system'", Refusal(Zip("(" + Text("true") + "ios\nsystem\n")));

    [Fact]
    public void What_a_file_says_of_itself_cannot_forge_a_message()
    {
        string message = Refusal(Zip(Text("os\u001b[2J\r") + Text("system\nAll is well.") + "\u0093"));
        Assert.Contains("asks for 'os\uFFFD[2J\uFFFD.system\uFFFDAll is well.'", message);

        message = Refusal(Zip(Text("os") + Text(new string('x', 100_000)) + "\u0093"));
        Assert.Contains("a function or class has a name of 256 characters or more", message);

        message = Refusal(Zip(Storage(new string('x', 100_000) + "\u001b[2J", 1)));
        Assert.InRange(message.Length, 300, 1000);
    }

    [Theory]
    // storages
    [InlineData(4, 0, "[1]", "[1]", 8, "should have 16 bytes, and its entry has 8")]
    [InlineData(-1, 0, "[1]", "[1]", 8, "a storage is not named by")]
    [InlineData(long.MaxValue, 0, "[1]", "[1]", 8, "a storage is not named by")]
    // views
    [InlineData(2, 0, "[3]", "[1]", 8, "reaches outside its storage of 2 elements")]
    [InlineData(2, 1, "[2]", "[1]", 8, "reaches outside its storage")]
    [InlineData(2, -1, "[1]", "[1]", 8, "reaches outside its storage")]
    [InlineData(2, 1, "[2]", "[-1]", 8, "reaches outside its storage")]
    [InlineData(2, 0, "[2]", "[9223372036854775807]", 8, "reaches outside its storage")]
    [InlineData(2, 9223372036854775807, "[2]", "[9223372036854775807]", 8, "reaches outside its storage")]
    [InlineData(2, 0, "[4611686018427387904,4]", "[0,0]", 8, "is too large for any memory")]
    [InlineData(2, 0, "[-1]", "[1]", 8, "is too large for any memory")]
    [InlineData(2, 0, "[1099511627776]", "[0]", 8, "unfold to many times the file's length")]
    [InlineData(2, 0, "[1]", "[1,1]", 8, "as many strides")]
    public void A_storage_or_view_that_lies_is_refused(
        long length, long offset, string shape, string strides, int entryLength, string problem)
    {
        string body = Tensor(Storage("0", length), offset, Numbers(shape), Numbers(strides));
        Assert.Contains(problem, Refusal(Zip(body, ("0", new byte[entryLength]))));
    }

    [Fact]
    public void Damaged_pickles_are_refused_with_the_place()
    {
        (string Body, string Problem)[] cases =
        [
            ("", "it does not end with exactly one object"),
            ("NN", "it does not end with exactly one object"),
            ("0", "an instruction lacks its objects"),
            ("N(0", "an instruction lacks its objects"),
            ("t", "an instruction lacks its mark"),
            ("h\u0005", "nothing was remembered as number 5"),
            ("\u0080\u0001N", "the pickle protocol"),
            ("X\u00ff\u00ff\u00ff\u007fabc", "an instruction needs 2147483647 bytes"),
            ("\u008e" + new string('\u00ff', 8), "an instruction needs 18446744073709551615 bytes"),
            ("X\u0001\0\0\0\u00ff", "a text is not valid UTF-8"),
            ("\u008b\u00ff\u00ff\u0000\u0000", "a whole number is immense"),
            ("S'x'\n", "the instruction 0x53 is none"),
            ("\u0082\u0001", "the instruction 0x82 is none"),
            ("N)R", "something is called that is not a function"),
            (Global("torch", "FloatStorage") + ")R", "the class torch.FloatStorage is called"),
            (Global("torch", "Size") + "]R", "a call has no arguments"),
            (Global("torch", "FloatStorage"), "holds the Python class or function torch.FloatStorage itself"),
            ("]}b", "given attributes"),
            (")Na", "items go to something not a list"),
            ("]NNs", "items go to something not a dictionary"),
            ("}NNs", "None as a key"),
            ("}(Nu", "a dictionary's key has no value"),
            (new string('c', 300), "a name does not end within"),
            (Call("collections", "OrderedDict", List(Number(1))), "a list of pairs"),
            (Call("torch", "Size", Number(1)), "a torch.Size is not made of a tuple"),
            (Call("torch", "device"), "a torch.device is not made of"),
            (Call("_codecs", "encode", Text("x"), Text("rot13")), "_codecs.encode"),
            (Call("numpy", "dtype", Text("O8x8")), "a numpy.dtype is not"),
            (Call("numpy", "dtype", Text("f8")) + Tuple(Number(3), Text(">")) + "b", "not little-endian"),
            (Call("numpy", "dtype", Text("f8")), "holds a numpy.dtype itself"),
            (
                Call("numpy.core.multiarray", "scalar", Call("numpy", "dtype", Text("f8")), Text("1234567")),
                "a numpy scalar"),
            ("NQ", "a storage is not named by"),
            (Storage("none", 1), "has no entry 'any name/data/none'"),
            (Tuple(Storage("0", 1), Storage("0", 2, "Half")), "has two types or lengths"),
            (Call("torch._utils", "_rebuild_tensor_v2"), "a tensor is not made of"),
            (Call("torch._utils", "_rebuild_parameter", "N"), "a parameter is not made of a tensor"),
        ];
        foreach ((string body, string problem) in cases)
        {
            string message = Refusal(Zip(body, ("0", new byte[4])));
            Assert.True(message.Contains(problem, StringComparison.Ordinal), $"{body}: {message}");
        }
    }

    [Fact]
    public void Pickles_that_grow_without_bound_are_stopped()
    {
        // A list that contains itself.
        Assert.Contains("contains itself", Refusal(Zip("]q\0h\0a")));

        // Forty lists, each holding the one before twice: 2^40 paths in a few hundred bytes.
        string doubling = "]q\0" + string.Concat(
            Enumerable.Range(0, 40).Select(level => $"](h{(char)level}h{(char)level}eq{(char)(level + 1)}"));
        Assert.Contains("more objects than any weight file needs", Refusal(Zip(List(doubling))));

        // Nesting as deep as the file is long.
        Assert.Contains("nested too deep", Refusal(Zip(new string(']', 100_000) + new string('a', 99_999))));

        // A list copied again and again.
        string copies = "](" + new string('N', 100_000) + "eq\0" + Global("collections", "OrderedDict") + "q\u0001"
            + "0(" + string.Concat(Enumerable.Repeat("h\u0001h\0\u0085R", 200)) + "t";
        Assert.Contains("a list of pairs", Refusal(Zip(copies)));

        // The same tensor under a million names would unfold to a million times its size.
        string tensor = Tensor(Storage("0", 250_000), 0, [250_000], [1]) + "q\0";
        Assert.Contains(
            "unfold to many times the file's length",
            Refusal(Zip(
                "]" + tensor + "a(" + string.Concat(Enumerable.Repeat("h\0", 2_000)) + "e",
                ("0", new byte[1_000_000]))));
    }

    [Fact]
    public void Two_tensors_of_one_path_are_refused()
    {
        string tensor = Tensor(Storage("0", 1), 0, [1], [1]);
        string body = Dictionary(Text("a.b"), tensor, Text("a"), Dictionary(Text("b"), tensor));
        Assert.Contains("two tensors of the path 'a.b'", Refusal(Zip(body, ("0", new byte[4]))));
    }

    [Fact]
    public void Legacy_files_that_are_not_what_they_should_be_are_refused()
    {
        string body = Tensor(Storage("0", 2), 0, [2], [1]);
        byte[] sound = Legacy(body, ("0", new byte[8], 4));
        PyTorchFile.Open(_folder.Write("sound", sound)).Dispose();

        Assert.Contains("8 bytes should follow, and 7 do; the file is cut off", Refusal(sound[..^1]));
        Assert.Contains("1 bytes follow that belong to nothing", Refusal([.. sound, 0]));
        Assert.Contains("should have 2 elements, but has 1", Refusal(Legacy(body, ("0", new byte[4], 4))));
        Assert.Contains("1 storages are used, but only 0", Refusal(Legacy(body)));
        Assert.Contains("no tensor uses", Refusal(Legacy("N", ("0", new byte[4], 4))));
        Assert.Contains("not one that torch.save wrote", Refusal(Pickle("N")));

        string view = Tuple(
            Text("storage"),
            Global("torch", "FloatStorage"),
            Text("0"),
            Text("cpu"),
            Number(2),
            Tuple(Text("1"), Number(0), Number(1)));
        Assert.Contains("is a view of another", Refusal(Legacy(view + "Q", ("0", new byte[8], 4))));
    }

    [Fact]
    public void Archives_that_are_not_what_they_should_be_are_refused()
    {
        byte[] pickle = Pickle("N");
        Assert.Contains("0 entries named data.pkl", Refusal(Archive(zip => zip.Add("r/other", pickle))));
        Assert.Contains("2 entries named data.pkl", Refusal(Archive(zip =>
        {
            zip.Add("r/data.pkl", pickle);
            zip.Add("s/data.pkl", pickle);
        })));
        Assert.Contains("'r/data.pkl' is listed twice", Refusal(Archive(zip =>
        {
            zip.Add("r/data.pkl", pickle);
            zip.Add("r/data.pkl", pickle);
        })));
        Assert.Contains("a TorchScript program", Refusal(Archive(zip =>
        {
            zip.Add("r/data.pkl", pickle);
            zip.Add("r/constants.pkl", pickle);
            zip.Add("r/code/model.py", [.. "deflated"u8], method: 8);
        })));
        Assert.Contains("another byte order", Refusal(Archive(zip =>
        {
            zip.Add("r/data.pkl", pickle);
            zip.Add("r/byteorder", [.. "big"u8]);
        })));
        Assert.Contains(
            "'r/data.pkl' is compressed", Refusal(Archive(zip => zip.Add("r/data.pkl", pickle, method: 8))));
        Assert.Contains("'r/data.pkl' is encrypted", Refusal(Archive(zip => zip.Add("r/data.pkl", pickle, flags: 1))));
        Assert.Contains("two sizes", Refusal(Archive(zip => zip.Add("r/data.pkl", pickle, size: 1000))));
        Assert.Contains("outside the file", Refusal(Archive(zip => zip.Add("r/data.pkl", pickle, offset: 1 << 30))));
        Assert.Contains("wrong mark", Refusal(Archive(zip => zip.Add("r/data.pkl", pickle, offset: 1))));
        Assert.Contains(
            "another name in its own header",
            Refusal(Archive(zip => zip.Add("r/data.pkl", pickle, localName: "r/data.pk_"))));
        Assert.Contains(
            "the pickle ends before its entry does", Refusal(Archive(zip => zip.Add("r/data.pkl", [.. pickle, 0]))));
        Assert.Contains("so it is cut off", Refusal(Zip("N")[..^1]));
    }

    [Theory]
    [InlineData("", "an empty file")]
    [InlineData("<html><body>Not Found</body></html>", "a web page")]
    [InlineData("version https://git-lfs.github.com/spec/v1\n", "a Git LFS pointer")]
    [InlineData("\u0002\0\0\0\0\0\0\0{}", "a safetensors file")]
    public void A_file_of_another_kind_is_recognised(string content, string kind)
    {
        string message = Refusal(Encoding.Latin1.GetBytes(content));
        Assert.Contains("is not a PyTorch file", message);
        Assert.Contains($"It seems to be {kind}", message);
    }

    private static byte[] Archive(Action<ZipText> fill)
    {
        ZipText zip = new();
        fill(zip);
        return zip.ToArray();
    }

    private static long[] Numbers(string list) =>
        [.. list.Trim('[', ']').Split(',').Select(number => long.Parse(number, CultureInfo.InvariantCulture))];

    private string Refusal(byte[] content)
    {
        string path = _folder.Write("x.pth", content);
        string message = Assert.Throws<FileFormatException>(() => PyTorchFile.Open(path)).Message;
        Assert.StartsWith(path, message);
        return message;
    }
}
