using Subband.Models;
using Subband.Tests.Training;
using Subband.Torch;
using Subband.Torch.Serialization;

namespace Subband.Tests.Models;

public sealed class ModelExportTests : IDisposable
{
    private readonly TemporaryFolder _folder = new(inMemory: true);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void An_exported_model_makes_the_same_images_without_anything_beside_it()
    {
        string run = Averaged();
        ExportedModel exported;
        using (ModelFile model = ModelStore.Open(run))
        {
            exported = ModelExport.Write([model], _folder["model.safetensors"]);
        }

        float[] expected = Generate(run);
        Directory.Delete(run, recursive: true);
        Assert.Equal(expected, Generate(exported.Path));
        Assert.Equal(new FileInfo(exported.Path).Length, exported.Bytes);
        using TensorArchive tensors = TensorFile.Load(exported.Path);
        Assert.All(tensors.Names, name => Assert.Matches(@"^levels\.[01]\.generator\.", name));
        using TensorScope scope = new();
        Assert.Equal(exported.Parameters, tensors.Names.Sum(name => tensors[name].Count));
    }

    [Fact]
    public void Half_precision_halves_the_file_and_is_single_precision_again_when_loaded()
    {
        using ModelFile model = ModelStore.Open(Averaged());
        ExportedModel whole = ModelExport.Write([model], _folder["whole.safetensors"]);
        ExportedModel half = ModelExport.Write([model], _folder["half.safetensors"], DType.Float16);
        Assert.Equal(whole.Parameters, half.Parameters);
        Assert.InRange(whole.Bytes - half.Bytes, (2 * whole.Parameters) - 64, (2 * whole.Parameters) + 64);
        float[] expected = Generate(whole.Path);
        float[] actual = Generate(half.Path);
        Assert.NotEqual(expected, actual);
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 0.01f));
    }

    [Fact]
    public void A_number_that_half_precision_cannot_hold_is_refused_and_nothing_written()
    {
        string path = _folder["large.safetensors"];
        using (ModelFile model = ModelStore.Open(Averaged()))
        {
            using TensorScope scope = new();
            (string Name, Tensor Tensor)[] tensors = [.. model.Family.ForUse([model]).Tensors];
            _ = tensors[^1].Tensor.FillInPlace(1e5);
            TensorFile.Save(path, tensors, model.Tensors.Metadata);
        }

        using ModelFile large = ModelStore.Open(path);
        SubbandException error = Assert.Throws<SubbandException>(() => ModelExport.Write([large], _folder["half.safetensors"], DType.Float16));
        Assert.EndsWith("holds numbers that are not finite or too large for half precision; store it as fp32.", error.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder["half.safetensors"]));
        _ = ModelExport.Write([large], _folder["whole.safetensors"]);
    }

    [Fact]
    public void A_checkpoint_and_the_model_itself_are_never_overwritten()
    {
        string run = Averaged();
        using ModelFile model = ModelStore.Open(run);
        byte[] before = File.ReadAllBytes(model.Tensors.Path);
        UsageException inCheckpoint = Assert.Throws<UsageException>(() => ModelExport.Write([model], model.Tensors.Path));
        Assert.EndsWith("lies in a checkpoint, which must stay as it is; choose another place.", inCheckpoint.Message, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllBytes(model.Tensors.Path));

        _ = ModelExport.Write([model], _folder["model.safetensors"]);
        using ModelFile exported = ModelStore.Open(_folder["model.safetensors"]);
        Assert.Throws<UsageException>(() => ModelExport.Write([exported], _folder["model.safetensors"]));
    }

    // With averaged generators, which are what samples are drawn from.
    private string Averaged()
    {
        var tiny = TinyLapgan.In(_folder["run"]);
        return TinyLapgan.Train(tiny with { Settings = [.. tiny.Settings, ("optimizer.averageKimg", "0.05")] });
    }

    private static float[] Generate(string path)
    {
        using ModelFile file = ModelStore.Open(path);
        using IImageGenerator model = file.Family.LoadGenerator(file, Device.Cpu);
        using TensorScope scope = new();
        return model.Generate(3, seed: 5).ToArray<float>();
    }
}
