using Subband.Models;
using Subband.Models.Import;
using Subband.Models.StyleGan2;
using Subband.Torch;
using Subband.Torch.Serialization;
using Subband.Training;

namespace Subband.Tests.Models.StyleGan2;

/// <summary>Checkpoints of rosinality/stylegan2-pytorch, as <c>stylegan2_checkpoints.py</c> made them in PyTorch.</summary>
public sealed class StyleGan2ImportTests : IDisposable
{
    private readonly TemporaryFolder _folder = new(inMemory: true);

    public static TheoryData<string> Checkpoints => ["rosinality_swagan", "rosinality_swagan_old", "rosinality_stylegan2", "converted_stylegan2"];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Checkpoints))]
    public void An_imported_generator_makes_the_images_that_it_made_in_PyTorch(string name)
    {
        using var scope = new TensorScope();
        var golden = StyleGan2Golden.OfCheckpoint(name);
        var imported = CheckpointImport.Write(StyleGan2Golden.CheckpointPath(name), _folder["model.safetensors"]);
        using var model = StyleGan2Model.Load(_folder["model.safetensors"]);
        model.Sampling = new StyleSampling { Noise = StyleNoise.Constant };

        var w = model.Styles(golden.Latents(1000, 2).To(DType.Float32), [0, 0]);
        var image = model.Synthesise(model.Layered(w, [0, 0]), model.Noises(2, 0, 0));

        AssertNear(golden["image"], [image.Mean().Item(), image.Variance([0, 1, 2, 3]).Sqrt().Item()]);
        Assert.All(golden.Pixels, pixel => AssertNear(
            [pixel.Value], [image.Select(0, pixel.N).Select(0, pixel.C).Select(0, pixel.Y).Select(0, pixel.X).Item()]));
        Assert.Equal(new FileInfo(_folder["model.safetensors"]).Length, imported.Bytes);
        Assert.Equal("StyleGAN2 or SWAGAN in the layout of rosinality/stylegan2-pytorch", imported.Layout);
        Assert.Empty(imported.Scales);
    }

    [Theory]
    [MemberData(nameof(Checkpoints))]
    public void An_imported_discriminator_judges_as_it_did_in_PyTorch(string name)
    {
        using var scope = new TensorScope();
        var golden = StyleGan2Golden.OfCheckpoint(name);
        CheckpointImport.Write(StyleGan2Golden.CheckpointPath(name), _folder["model.safetensors"]);
        using var file = ModelFile.Open(_folder["model.safetensors"]);
        using var random = new Generator(1);
        using var d = StyleGan2Discriminator.Of(((StyleGan2Settings)file.Settings).DiscriminatorShape(0), random);
        d.CopyFrom(tensor => file.Tensors.Find("discriminator." + tensor), file.Tensors.Path);
        AssertNear(golden["scores"], [.. d.Forward((golden.Images(3000, 2) * 0.5).To(DType.Float32)).ToArray<float>().Select(score => (double)score)]);
    }

    [Theory]
    [InlineData("rosinality_swagan", null)]
    [InlineData("rosinality_swagan_old", 1)]
    public void Both_kinds_of_filters_that_read_bands_are_told_by_the_file(string name, int? reader)
    {
        CheckpointImport.Write(StyleGan2Golden.CheckpointPath(name), _folder["model.safetensors"]);
        using var file = ModelFile.Open(_folder["model.safetensors"]);
        var network = ((StyleGan2Settings)file.Settings).Network;
        Assert.Equal(
            (PixelDomain.Wavelet, reader, 2, 8, 8), (network.Generator, network.BandReader, network.Doublings, network.StyleWidth, network.MostChannels));
    }

    [Theory]
    [InlineData("rosinality_swagan", "swagan-32")]
    [InlineData("rosinality_stylegan2", "stylegan2-32")]
    public void A_training_goes_on_with_the_state_of_both_optimisers(string name, string preset)
    {
        using var scope = new TensorScope();
        CheckpointImport.Write(StyleGan2Golden.CheckpointPath(name), _folder["model.safetensors"]);
        using var file = ModelFile.Open(_folder["model.safetensors"]);
        var network = ((StyleGan2Settings)file.Settings).Network;
        using TinyStyleGan2 training = new(
            preset,
            $"optimizer.startFrom={_folder["model.safetensors"]}",
            $"network.doublings={network.Doublings}",
            $"network.mappingLayers={network.MappingLayers}",
            "optimizer.averageKimg=1");
        _ = training.Trainee.ModelTensors().Count(); // begins

        using var theirs = TensorFile.Load(StyleGan2Golden.CheckpointPath(name));
        var ours = training.Values();
        foreach (var (part, prefix) in new[] { ("g", "generator."), ("d", "discriminator."), ("g_ema", "average.") })
        {
            Assert.All(
                ours.Where(entry => entry.Key.StartsWith(prefix, StringComparison.Ordinal)),
                entry => Assert.Equal(theirs[$"{part}.{entry.Key[prefix.Length..]}"].ToArray<float>(), entry.Value));
        }

        foreach (var (part, prefix) in new[] { ("g_optim", "optimizer.generator."), ("d_optim", "optimizer.discriminator.") })
        {
            string[] names = [.. ours.Keys.Where(key => key.StartsWith(prefix, StringComparison.Ordinal) && key.EndsWith(".exp_avg_sq", StringComparison.Ordinal))];
            Assert.NotEmpty(names);
            Assert.All(names.Index(), entry => Assert.Equal(theirs[$"{part}.state.{entry.Index}.exp_avg_sq"].ToArray<float>(), ours[entry.Item]));
            Assert.Equal(theirs[$"{part}.state.0.step"].Item(), ours[prefix + "step"][0]);
        }

        Assert.All(training.Steps(1).Values, value => Assert.True(double.IsFinite(value)));
    }

    [Fact]
    public void A_training_of_other_networks_says_what_differs()
    {
        CheckpointImport.Write(StyleGan2Golden.CheckpointPath("rosinality_swagan"), _folder["model.safetensors"]);
        var settings = new[] { $"optimizer.startFrom={_folder["model.safetensors"]}", "network.styleWidth=9" }
            .Aggregate(ModelRegistry.Preset("swagan-32").Preset.Settings, SettingsTree.Apply);
        var error = Assert.Throws<UsageException>(() => ModelRegistry.Family("stylegan2").RequireFiles(settings, Device.Cpu));
        Assert.Contains("which has network.doublings=2 and not 3", error.Message, StringComparison.Ordinal);
        Assert.Contains("network.styleWidth=8 and not 9", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_for_use_has_no_discriminator_to_go_on_with()
    {
        CheckpointImport.Write(StyleGan2Golden.CheckpointPath("rosinality_swagan"), _folder["whole.safetensors"]);
        using (var whole = ModelFile.Open(_folder["whole.safetensors"]))
        {
            ModelExport.Write([whole], _folder["use.safetensors"]);
            using var used = ModelFile.Open(_folder["use.safetensors"]);
            Assert.All(used.Tensors.Names, name => Assert.StartsWith("generator.", name, StringComparison.Ordinal));
            var settings = (StyleGan2Settings)used.Settings;
            settings = settings with { Optimizer = settings.Optimizer with { StartFrom = _folder["use.safetensors"] } };
            var error = Assert.Throws<UsageException>(() => ModelRegistry.Family("stylegan2").RequireFiles(settings, Device.Cpu));
            Assert.Contains("no discriminator to go on with", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_discriminator_alone_and_what_lacks_a_tensor_are_refused_by_name()
    {
        using var scope = new TensorScope();
        using var file = TensorFile.Load(StyleGan2Golden.CheckpointPath("rosinality_swagan"));
        Save("d.safetensors", name => name.StartsWith("d.", StringComparison.Ordinal) ? name[2..] : null);
        AssertRefused("d.safetensors", "is the discriminator of a StyleGAN2 or SWAGAN");
        Save("part.safetensors", name => name == "g_ema.conv1.noise.weight" ? null : name);
        AssertRefused("part.safetensors", "g_ema.conv1.noise.weight");
        Save("more.safetensors", name => name == "g_ema.conv1.noise.weight" ? "g_ema.conv1.noise.strength" : name);
        AssertRefused("more.safetensors", "g_ema.conv1.noise.strength");
        var scaled = Assert.Throws<UsageException>(
            () => CheckpointImport.Write(StyleGan2Golden.CheckpointPath("rosinality_swagan"), _folder["out.safetensors"], scale: 4));
        Assert.Contains("leave out --scale", scaled.Message, StringComparison.Ordinal);

        void Save(string to, Func<string, string?> rename) => TensorFile.Save(
            _folder[to], file.Names.Where(name => rename(name) is not null).Select(name => (rename(name)!, file[name])));

        void AssertRefused(string name, string said)
        {
            var error = Assert.Throws<SubbandException>(() => CheckpointImport.Write(_folder[name], _folder["out.safetensors"]));
            Assert.Contains(said, error.Message, StringComparison.Ordinal);
            Assert.False(File.Exists(_folder["out.safetensors"]));
        }
    }

    private static void AssertNear(double[] expected, double[] found)
    {
        Assert.Equal(expected.Length, found.Length);
        Assert.All(expected.Zip(found), pair => Assert.Equal(pair.First, pair.Second, 1e-4 * Math.Max(1, Math.Abs(pair.First))));
    }
}
