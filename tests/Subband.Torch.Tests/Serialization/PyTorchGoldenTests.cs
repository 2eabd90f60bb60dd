using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;
using System.Text.Json;
using Subband.Torch.Serialization;

namespace Subband.Torch.Tests.Serialization;

/// <summary>Files that PyTorch wrote, against what PyTorch says is in them.</summary>
public sealed class PyTorchGoldenTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("state_dict", "zip")]
    [InlineData("state_dict", "legacy")]
    [InlineData("extra_dtypes", "zip")]
    [InlineData("extra_dtypes", "legacy")]
    public void Tensors_have_the_type_shape_strides_and_bits_that_PyTorch_gives(string name, string format)
    {
        using JsonDocument expected = JsonDocument.Parse(
            File.ReadAllBytes(TestData.Path("fixtures/torch/expected.json")));
        using PyTorchFile file = PyTorchFile.Open(TestData.Path($"fixtures/torch/{name}_{format}.pth"));
        JsonElement tensors = expected.RootElement.GetProperty(name);
        Assert.Equal(tensors.EnumerateObject().Select(tensor => tensor.Name), file.Tensors.Keys);
        AssertTensors(tensors, file.Tensors, prefix: "");
    }

    [Theory]
    [InlineData("zip")]
    [InlineData("legacy")]
    public void A_nested_checkpoint_gives_its_tree_and_its_tensors_by_path(string format)
    {
        using JsonDocument expected = JsonDocument.Parse(
            File.ReadAllBytes(TestData.Path("fixtures/torch/expected.json")));
        using PyTorchFile file = PyTorchFile.Open(TestData.Path($"fixtures/torch/checkpoint_{format}.pth"));
        AssertTensors(expected.RootElement.GetProperty("state_dict"), file.Tensors, "state_dict.");

        PyTorchDictionary root = Assert.IsType<PyTorchDictionary>(file.Root);
        Assert.Equal(3L, root["epoch"]);
        Assert.Equal(0.0001, root["lr"]);
        Assert.Null(root["best"]);
        Assert.Equal("tiny", root["name"]);
        PyTorchList flags = Assert.IsType<PyTorchList>(root["flags"]);
        Assert.False(flags.IsTuple);
        Assert.Equal([true, false], flags);
        PyTorchList shape = Assert.IsType<PyTorchList>(root["shape"]);
        Assert.True(shape.IsTuple);
        Assert.Equal([1L, 2L], shape);

        PyTorchDictionary optimizer = Assert.IsType<PyTorchDictionary>(root["optimizer"]);
        PyTorchDictionary state = (PyTorchDictionary)((PyTorchDictionary)optimizer["state"]!)[0L]!;
        Assert.Equal(5L, state["step"]);
        Assert.Equal(Bytes(0.5f, 0.25f), file.Tensors["optimizer.state.0.exp_avg"].ToContiguousBytes());
        PyTorchDictionary group = (PyTorchDictionary)((PyTorchList)optimizer["param_groups"]!)[0]!;
        Assert.Equal(0.001, group["lr"]);
        Assert.Equal([0.9, 0.999], (PyTorchList)group["betas"]!);
        Assert.Equal([0L], (PyTorchList)group["params"]!);
    }

    // SHA-256 over all tensors in order: make_pickles.py lpips_alex.pth lpips_squeeze.pth lpips_vgg.pth.
    [Theory]
    [InlineData("alex", "64 192 384 256 256", "718a8b40b0d22f96192d34ab93c0db5c7943558ff6c2407f44812dce2f29b5f4")]
    [InlineData("squeeze", "64 128 256 384 384 512 512", "68f1b1752260e0335c6394983132e210e3ed5c2540e78d239be07671a77130e4")]
    [InlineData("vgg", "64 128 256 512 512", "9153a2043dccf3b525d4f13db916e93ef040548ea923b6f2100de5ebac141a78")]
    public void The_lpips_weights_read_exactly_though_they_were_saved_on_a_gpu_by_python_2(
        string name, string channels, string hash)
    {
        using PyTorchFile file = PyTorchFile.Open(TestData.Path($"weights/lpips_{name}.pth"));
        using IncrementalHash sum = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        string[] counts = channels.Split(' ');
        Assert.Equal(counts.Select((_, index) => $"lin{index}.model.1.weight"), file.Tensors.Keys);
        foreach ((PyTorchTensor tensor, string count) in file.Tensors.Values.Zip(counts))
        {
            Assert.Equal(DType.Float32, tensor.DType);
            Assert.Equal([1, long.Parse(count, CultureInfo.InvariantCulture), 1, 1], tensor.Shape.ToArray());
            sum.AppendData(tensor.ToContiguousBytes());
        }

        Assert.Equal(hash, Convert.ToHexStringLower(sum.GetHashAndReset()));
    }

    [Theory]
    [InlineData("zip, protocol 2")]
    [InlineData("zip, protocol 4")]
    [InlineData("zip, protocol 5")]
    [InlineData("legacy, protocol 2")]
    [InlineData("legacy, protocol 4")]
    [InlineData("legacy, protocol 5")]
    public void Every_kind_of_value_comes_through_every_protocol(string name)
    {
        // make_pickles.py beside this file wrote pickles.json, and holds the values asserted here.
        string json = Path.Combine(TestData.RepositoryRoot, "tests/Subband.Torch.Tests/Serialization/pickles.json");
        using JsonDocument files = JsonDocument.Parse(File.ReadAllBytes(json));
        byte[] content = files.RootElement.GetProperty(name).GetBytesFromBase64();
        using PyTorchFile file = PyTorchFile.Open(_folder.Write("x.pt", content));

        PyTorchTensor weight = file.Tensors["w"];
        Assert.Equal([3, 2], weight.Shape.ToArray());
        Assert.Equal([1, 3], weight.Strides.ToArray());
        Assert.Equal(Bytes(0, 3, 1, 4, 2, 5), weight.ToContiguousBytes());
        Assert.Same(weight.Storage, file.Tensors["row"].Storage);
        Assert.Equal(Bytes(3, 4, 5), file.Tensors["row"].ToContiguousBytes());

        PyTorchDictionary root = Assert.IsType<PyTorchDictionary>(file.Root);
        Assert.Equal(0.75, root["acc"]);
        Assert.Equal(0.5, root["half"]);
        Assert.Equal(-3L, root["n"]);
        Assert.Equal(true, root["ok"]);
        Assert.Equal(BigInteger.Pow(2, 70), root["big"]);
        Assert.Equal(new byte[] { 0, 255 }, root["raw"]);
        Assert.Equal(DType.Float16, root["dtype"]);
        Assert.Equal("cuda:1", root["device"]);
        Assert.Equal([1L, 2L], (PyTorchList)root["size"]!);
        Assert.Equal(new string('x', 300), root["text"]);
        PyTorchList list = Assert.IsType<PyTorchList>(root["list"]);
        Assert.Equal(5, list.Count);
        Assert.Equal([null, true, 1.5], list.Take(3));
        Assert.Empty(Assert.IsType<PyTorchDictionary>(list[4]));
    }

    private static void AssertTensors(
        JsonElement expected, IReadOnlyDictionary<string, PyTorchTensor> tensors, string prefix)
    {
        Dictionary<int, PyTorchStorage> groups = [];
        foreach (JsonProperty property in expected.EnumerateObject())
        {
            JsonElement facts = property.Value;
            PyTorchTensor tensor = tensors[prefix + property.Name];
            Assert.Equal(facts.GetProperty("dtype").GetString(), tensor.DType.ToString().ToLowerInvariant());
            Assert.Equal(Numbers(facts, "shape"), tensor.Shape.ToArray());
            Assert.Equal(Numbers(facts, "stride"), tensor.Strides.ToArray());
            Assert.Equal(facts.GetProperty("storage_offset").GetInt64(), tensor.StorageOffset);
            int group = facts.GetProperty("storage_group").GetInt32();
            Assert.Same(groups.TryGetValue(group, out PyTorchStorage? known) ? known : tensor.Storage, tensor.Storage);
            groups[group] = tensor.Storage;

            byte[] bytes = tensor.ToContiguousBytes();
            Assert.Equal(
                facts.GetProperty("values").EnumerateArray().Select(value => Value(value, tensor.DType)),
                Elements(bytes, tensor.DType));
            if (facts.TryGetProperty("bits", out JsonElement bits))
            {
                int digits = 2 * tensor.DType.SizeInBytes();
                IEnumerable<string> found = bytes
                    .Chunk(digits / 2)
                    .Select(chunk => Convert.ToHexStringLower([.. chunk.Reverse()]));
                Assert.Equal(bits.EnumerateArray().Select(value => value.GetString()!), found);
            }
        }

        Assert.Equal(groups.Count, groups.Values.Distinct().Count());
    }

    private static long[] Numbers(JsonElement facts, string name) =>
        [.. facts.GetProperty(name).EnumerateArray().Select(number => number.GetInt64())];

    private static object Value(JsonElement value, DType dtype) => dtype switch
    {
        DType.Bool => value.GetBoolean(),
        _ when dtype.IsFloatingPoint() => value.GetDouble(),
        _ => value.GetInt64(),
    };

    private static IEnumerable<object> Elements(byte[] bytes, DType dtype)
    {
        int size = dtype.SizeInBytes();
        for (int at = 0; at < bytes.Length; at += size)
        {
            yield return dtype switch
            {
                DType.Bool => bytes[at] != 0,
                DType.UInt8 => (long)bytes[at],
                DType.Int8 => (long)(sbyte)bytes[at],
                DType.Int16 => (long)BitConverter.ToInt16(bytes, at),
                DType.Int32 => (long)BitConverter.ToInt32(bytes, at),
                DType.Int64 => BitConverter.ToInt64(bytes, at),
                DType.Float16 => (double)BitConverter.ToHalf(bytes, at),
                DType.BFloat16 => (double)BitConverter.Int32BitsToSingle(BitConverter.ToUInt16(bytes, at) << 16),
                DType.Float32 => (double)BitConverter.ToSingle(bytes, at),
                DType.Float64 => BitConverter.ToDouble(bytes, at),
                _ => throw new ArgumentOutOfRangeException(nameof(dtype)),
            };
        }
    }

    private static byte[] Bytes(params float[] values) => [.. values.SelectMany(BitConverter.GetBytes)];
}
