using Subband.Torch.Modules;
using Subband.Torch.Native;
using Subband.Torch.Serialization;

namespace Subband.Torch.Tests.Serialization;

public sealed class TensorFileTests
{
    public static TheoryData<DType> Types => [.. Enum.GetValues<DType>()];

    [Theory]
    [MemberData(nameof(Types))]
    public void Every_element_type_comes_back_bit_for_bit(DType dtype)
    {
        using var scope = new TensorScope();
        using var folder = new TemporaryFolder();
        var saved = Tensor.Arange(-3, 9).View(3, 4).To(dtype);
        TensorFile.Save(folder["x.safetensors"], [("x", saved), ("scalar", Tensor.Scalar(7, dtype)), ("none", Tensor.Zeros([0, 2], dtype))]);

        using var archive = TensorFile.Load(folder["x.safetensors"]);

        Assert.Equal(["none", "scalar", "x"], archive.Names.Order());
        Assert.Equal(dtype, archive["x"].DType);
        Assert.Equal(saved.To(DType.Float64).ToArray<double>(), archive["x"].To(DType.Float64).ToArray<double>());
        Assert.Equal(0, archive["scalar"].Dimensions);
        Assert.Equal([0L, 2L], archive["none"].Shape.ToArray());
    }

    [Fact]
    public void Any_layout_is_saved_in_the_order_of_its_dimensions()
    {
        using var scope = new TensorScope();
        using var folder = new TemporaryFolder();
        var plain = Tensor.Arange(0, 48, dtype: DType.Float32).View(2, 4, 3, 2);
        var last = plain.Contiguous(MemoryFormat.ChannelsLast);
        var leaf = plain.Clone();
        leaf.RequiresGrad = true;
        TensorFile.Save(folder["a"], [("x", plain), ("y", leaf)]);
        TensorFile.Save(folder["b"], [("x", last), ("y", leaf.Transpose(0, 1).Contiguous().Transpose(0, 1))]);
        Assert.Equal(File.ReadAllBytes(folder["a"]), File.ReadAllBytes(folder["b"]));
    }

    [Fact]
    public void Metadata_come_back()
    {
        using var folder = new TemporaryFolder();
        TensorFile.Save(folder["x"], [], new Dictionary<string, string> { ["model"] = "lapgan", ["config"] = "{\"a\":1}" });
        using var archive = TensorFile.Load(folder["x"]);
        Assert.Equal("lapgan", archive.Metadata["model"]);
        Assert.Empty(archive.Names);
    }

    [Fact]
    public void A_network_is_saved_and_loaded_by_name()
    {
        using var scope = new TensorScope();
        using var folder = new TemporaryFolder();
        using var random = new Generator(3);
        using var saved = new Sequential(new Conv2d(3, 4, 3, random), new BatchNorm2d(4), new Relu());
        using var loaded = new Sequential(new Conv2d(3, 4, 3, random), new BatchNorm2d(4), new Relu());
        TensorFile.Save(folder["net"], saved.NamedTensors());
        using (var archive = TensorFile.Load(folder["net"]))
        {
            loaded.CopyFrom(archive.Find, archive.Path);
        }

        foreach (var ((name, expected), (_, found)) in saved.NamedTensors().Zip(loaded.NamedTensors()))
        {
            Near.Assert(expected, found, 0, name);
        }
    }

    [Theory]
    [InlineData("state_dict_zip.pth")]
    [InlineData("checkpoint_legacy.pth")]
    [InlineData("extra_dtypes_zip.pth")]
    public void A_PyTorch_file_is_known_by_its_content(string fixture)
    {
        using var scope = new TensorScope();
        using var folder = new TemporaryFolder();
        var file = TestData.Path("fixtures/torch/" + fixture);
        File.Copy(file, folder["renamed.safetensors"]);

        using var archive = TensorFile.Load(folder["renamed.safetensors"]);
        using var original = PyTorchFile.Open(file);

        Assert.Equal(original.Tensors.Keys, archive.Names);
        foreach (var name in archive.Names)
        {
            var expected = original.Tensors[name];
            var tensor = archive[name];
            Assert.Equal(expected.DType, tensor.DType);
            Assert.Equal(expected.Shape.ToArray(), tensor.Shape.ToArray());
            Assert.Equal(
                expected.ToContiguousBytes(),
                tensor.Count == 0 ? [] : new Operator("aten::view", "dtype").Call(tensor.View(-1), DType.UInt8).ToArray<byte>());
        }
    }

    [Fact]
    public void A_missing_tensor_is_named_with_what_there_is()
    {
        using var scope = new TensorScope();
        using var folder = new TemporaryFolder();
        TensorFile.Save(folder["x"], [("conv.weight", Tensor.Ones([1])), ("conv.bias", Tensor.Ones([1]))]);
        using var archive = TensorFile.Load(folder["x"]);
        Assert.Null(archive.Find("conv.wieght"));
        var error = Assert.Throws<SubbandException>(() => archive["conv.wieght"]);
        Assert.Equal($"{folder["x"]} has no tensor 'conv.wieght'. It has 2, such as conv.bias, conv.weight.", error.Message);
    }

    [Fact]
    public void A_file_that_is_neither_kind_is_refused()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("weights.pth", "<!DOCTYPE html><html></html>"u8);
        var error = Assert.Throws<FileFormatException>(() => TensorFile.Load(path));
        Assert.Contains("a web page", error.Message, StringComparison.Ordinal);
    }
}
