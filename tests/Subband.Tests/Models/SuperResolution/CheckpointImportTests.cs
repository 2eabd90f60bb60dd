using Subband.Models;
using Subband.Models.Import;
using Subband.Models.SuperResolution;
using Subband.Torch;
using Subband.Torch.Serialization;
using Subband.Training;

namespace Subband.Tests.Models.SuperResolution;

/// <summary>Checkpoints of other programs, in the layouts in which they are published.</summary>
public sealed class CheckpointImportTests : IDisposable
{
    private readonly TemporaryFolder _folder = new(inMemory: true);

    public static TheoryData<string> Networks => GoldenOutputs.Networks;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Networks))]
    public void An_imported_network_enlarges_as_it_did_in_PyTorch(string name)
    {
        using var scope = new TensorScope();
        var scale = GoldenOutputs.Scale(name);
        var imported = CheckpointImport.Write(
            GoldenOutputs.Checkpoint(name), _folder["model.safetensors"], scale: name.StartsWith("srcnn", StringComparison.Ordinal) ? scale : null);

        using var file = ModelStore.Open(_folder["model.safetensors"]);
        using var model = file.Family.LoadUpscaler(file, Device.Cpu);
        var large = model.Upscale(GoldenOutputs.Images(3, 9, 7), scale);
        // Lornatang's clamps at the end of the network, all others do not.
        GoldenOutputs.AssertEqual(name, name.StartsWith("srresnet", StringComparison.Ordinal) ? large.Clamp(0, 1) : large);
        Assert.Contains(scale, model.Scales);
        Assert.Equal(imported.Scales, model.Scales);
        Assert.Equal(new FileInfo(_folder["model.safetensors"]).Length, imported.Bytes);
    }

    [Theory]
    [InlineData("vdsr", "VDSR in the layout of twtygqyy/pytorch-vdsr", "model")]
    [InlineData("rdn_yjn870_x3", "RDN in the layout of yjn870/RDN-pytorch", "module")]
    [InlineData("rdn_edsr_x2", "RDN in the layout of EDSR-PyTorch", "")]
    [InlineData("rcan_official_x4", "RCAN in the layout of its authors and of EDSR-PyTorch", "")]
    [InlineData("rcan_basicsr_x3", "RCAN in the layout of BasicSR", "params_ema.module")]
    [InlineData("srresnet_x4", "SRResNet in the layout of Lornatang/SRGAN-PyTorch", "ema_state_dict.module._orig_mod")]
    public void The_layout_and_the_better_of_two_sets_of_weights_are_recognised(string name, string layout, string part)
    {
        var imported = CheckpointImport.Write(GoldenOutputs.Checkpoint(name), _folder["model.safetensors"]);
        Assert.Equal(layout, imported.Layout);
        Assert.Equal(part, imported.Part);
    }

    [Theory]
    [InlineData("srcnn_915_rgb", "kind=srcnn scales=2 colour=rgb kernels=9,1,5 widths=4,3")]
    [InlineData("vdsr", "kind=vdsr scales=2,3,4 colour=y layers=5 width=4 bias=false")]
    [InlineData("rdn_yjn870_x4", "kind=rdn scales=4 blocks=2 layers=2 growth=6 width=6 tailWidth=0 mean= range=1")]
    [InlineData("rdn_edsr_x2", "kind=rdn scales=2 blocks=2 layers=3 growth=4 width=6 tailWidth=4 mean= range=255")]
    [InlineData("rcan_official_x4", "kind=rcan scales=4 groups=2 blocks=2 width=8 reduction=4 mean=0.4488,0.4371,0.404 range=255")]
    [InlineData("rcan_basicsr_x3", "kind=rcan scales=3 groups=2 blocks=2 width=8 reduction=4 mean=0.4488,0.4371,0.404 range=255")]
    [InlineData("srresnet_x4", "kind=srResNet scales=4 blocks=2 width=6")]
    public void The_numbers_of_a_network_are_read_from_its_shapes(string name, string numbers)
    {
        CheckpointImport.Write(GoldenOutputs.Checkpoint(name), _folder["out.safetensors"], scale: name == "srcnn_915_rgb" ? 2 : null);
        using var file = ModelFile.Open(_folder["out.safetensors"]);
        Assert.All(numbers.Split(' ').Select(number => number.Split('=')), number =>
            Assert.Equal(number[1], SettingsTree.Find(typeof(SuperResolutionSettings), $"network.{number[0]}").Text(file.Settings)));
    }

    [Fact]
    public void A_scale_is_asked_for_only_where_shapes_do_not_tell_it_and_refused_where_they_say_otherwise()
    {
        var missing = Assert.Throws<UsageException>(() => Write("srcnn_955"));
        Assert.EndsWith("say so, as in --scale 3.", missing.Message, StringComparison.Ordinal);
        var other = Assert.Throws<UsageException>(
            () => CheckpointImport.Write(GoldenOutputs.Checkpoint("rdn_yjn870_x3"), _folder["out.safetensors"], scale: 4));
        Assert.EndsWith("enlarges by 3, not by 4; leave out --scale.", other.Message, StringComparison.Ordinal);
        Assert.Equal([2, 3, 4], Write("vdsr").Scales);
        Assert.Equal([3], CheckpointImport.Write(GoldenOutputs.Checkpoint("vdsr"), _folder["out.safetensors"], scale: 3).Scales);
    }

    [Fact]
    public void What_is_missing_unexpected_or_of_another_shape_is_listed_and_nothing_is_written()
    {
        using var scope = new TensorScope();
        using var file = TensorFile.Load(GoldenOutputs.Checkpoint("rdn_edsr_x2"));
        var changed = Changed(file, name => name switch
        {
            "GFF.1.bias" => null,
            "RDBs.1.convs.2.conv.0.weight" => Tensor.Zeros([4, 14, 5, 5]),
            _ => file[name],
        });
        TensorFile.Save(_folder["changed.safetensors"], [.. changed, ("extra.weight", Tensor.Zeros([1]))]);

        var error = Assert.Throws<SubbandException>(() => CheckpointImport.Write(_folder["changed.safetensors"], _folder["out.safetensors"]));

        Assert.Contains("looks like RDN in the layout of EDSR-PyTorch", error.Message, StringComparison.Ordinal);
        Assert.Contains("1 missing (GFF.1.bias); 1 unexpected (extra.weight);", error.Message, StringComparison.Ordinal);
        Assert.Contains(
            "1 of another shape (RDBs.1.convs.2.conv.0.weight is [4, 14, 5, 5] instead of [4, 14, 3, 3])", error.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder["out.safetensors"]));
    }

    [Theory]
    [InlineData("discriminator_32", "the discriminator of an SRGAN, which judges images and enlarges none")]
    [InlineData("vdsr_whole_module", "asks for '__main__.Vdsr', which is none of the few things that a file of weights needs")]
    public void What_is_no_state_dict_of_a_network_that_enlarges_is_named(string name, string said)
    {
        var error = Assert.ThrowsAny<SubbandException>(() => Write(name));
        Assert.Contains(said, error.Message, StringComparison.Ordinal);
        Assert.Contains(GoldenOutputs.Checkpoint(name), error.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder["out.safetensors"]));
    }

    [Fact]
    public void Weights_of_no_known_network_are_refused_with_some_of_their_names_unless_asked_for_by_name()
    {
        using var scope = new TensorScope();
        TensorFile.Save(_folder["other.safetensors"], [("encoder.weight", Tensor.Zeros([2, 2]))]);
        var unknown = Assert.Throws<SubbandException>(() => CheckpointImport.Write(_folder["other.safetensors"], _folder["out.safetensors"]));
        Assert.Contains("is none of the networks that can be imported: SRCNN in the layout of", unknown.Message, StringComparison.Ordinal);
        Assert.Contains("Among the names of its tensors (1) are encoder.weight.", unknown.Message, StringComparison.Ordinal);
        var asked = Assert.Throws<SubbandException>(() => CheckpointImport.Write(_folder["other.safetensors"], _folder["out.safetensors"], "rcan"));
        Assert.Contains("lacks the tensor 'head.0.weight'", asked.Message, StringComparison.Ordinal);
        var named = Assert.Throws<UsageException>(() => CheckpointImport.Write(_folder["other.safetensors"], _folder["out.safetensors"], "rcann"));
        Assert.Contains("Did you mean 'rcan'?", named.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_of_Subband_is_not_imported_again()
    {
        Write("vdsr");
        var error = Assert.Throws<UsageException>(() => CheckpointImport.Write(_folder["out.safetensors"], _folder["again.safetensors"]));
        Assert.Contains("is a model of Subband already", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_discriminator_judges_as_it_did_in_PyTorch()
    {
        using var scope = new TensorScope();
        using var network = SrganDiscriminator.Load(GoldenOutputs.Checkpoint("discriminator_32"));
        network.Evaluate();
        using var noGrad = Autograd.NoGrad();
        GoldenOutputs.AssertEqual("discriminator_32", network.Forward(GoldenOutputs.Images(3, 32, 32)), step: 1);
        Assert.Throws<TensorShapeException>(() => network.Forward(Tensor.Zeros([1, 3, 48, 48])));
    }

    [Fact]
    public void A_checkpoint_with_a_number_that_is_not_finite_is_refused_by_the_tensors_name()
    {
        using var scope = new TensorScope();
        using var file = TensorFile.Load(GoldenOutputs.Checkpoint("srresnet_earlier_names_x2"));
        TensorFile.Save(_folder["nan.safetensors"], [.. Changed(file, name => name == "conv_block3.bias" ? Tensor.Full([3], double.NaN) : file[name])]);
        var error = Assert.Throws<SubbandException>(() => CheckpointImport.Write(_folder["nan.safetensors"], _folder["out.safetensors"]));
        Assert.Contains("conv3.bias holds numbers that are not finite", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("trunk.900.rcb.0.weight", "describes a network of at least")]  // 901 blocks in a file of 36 kB
    [InlineData("trunk.2000000.rcb.0.weight", "its shapes are of no such network: The setting network.blocks")]
    public void A_file_that_claims_a_network_larger_than_itself_is_refused_before_memory_is_taken(string name, string said)
    {
        using var scope = new TensorScope();
        using var file = TensorFile.Load(GoldenOutputs.Checkpoint("srresnet_earlier_names_x2"));
        TensorFile.Save(_folder["large.safetensors"], [.. Changed(file, each => file[each]), (name, Tensor.Zeros([1]))]);
        var error = Assert.Throws<SubbandException>(() => CheckpointImport.Write(_folder["large.safetensors"], _folder["out.safetensors"]));
        Assert.Contains(said, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sub_mean.bias")]
    [InlineData("add_mean.weight")]
    public void Mean_shifts_of_which_one_is_missing_are_named(string name)
    {
        using var scope = new TensorScope();
        using var file = TensorFile.Load(GoldenOutputs.Checkpoint("rcan_official_x4"));
        TensorFile.Save(_folder["part.safetensors"], [.. Changed(file, each => each == name ? null : file[each])]);
        var error = Assert.Throws<SubbandException>(() => CheckpointImport.Write(_folder["part.safetensors"], _folder["out.safetensors"]));
        Assert.EndsWith($"which go together, but lacks {name}.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_checkpoint_without_mean_shifts_is_taken_to_subtract_DIV2Ks_mean()
    {
        using var scope = new TensorScope();
        using (var file = TensorFile.Load(GoldenOutputs.Checkpoint("rcan_official_x4")))
        {
            TensorFile.Save(
                _folder["without.safetensors"],
                [.. Changed(file, name => name.Contains("_mean.", StringComparison.Ordinal) ? null : file[name].To(DType.Float16))]);
        }

        CheckpointImport.Write(_folder["without.safetensors"], _folder["out.safetensors"]);
        using var model = SuperResolutionModel.Load(_folder["out.safetensors"]);
        Assert.Equal([0.4488, 0.4371, 0.4040], model.Settings.Network.Mean);
        Assert.Equal(DType.Float32, model.Upscale(GoldenOutputs.Images(3, 4, 4), 4).DType);
    }

    [Fact]
    public void Names_that_wrap_themselves_again_and_again_are_no_trap()
    {
        using var scope = new TensorScope();
        var deep = string.Concat(Enumerable.Repeat("model.", 500)) + "weight";
        TensorFile.Save(_folder["deep.safetensors"], [(deep, Tensor.Zeros([1]))]);
        Assert.Throws<SubbandException>(() => CheckpointImport.Write(_folder["deep.safetensors"], _folder["out.safetensors"]));
    }

    private static IEnumerable<(string Name, Tensor Tensor)> Changed(TensorArchive file, Func<string, Tensor?> change) =>
        file.Names.Select(name => (name, Tensor: change(name))).Where(entry => entry.Tensor is not null).Select(entry => (entry.name, entry.Tensor!));

    private ImportedModel Write(string name) => CheckpointImport.Write(GoldenOutputs.Checkpoint(name), _folder["out.safetensors"]);
}
