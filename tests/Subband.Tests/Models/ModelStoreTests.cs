using System.Text.RegularExpressions;
using Subband.Data;
using Subband.Models;
using Subband.Models.SuperResolution;
using Subband.Tests.Training;
using Subband.Torch;
using Subband.Training;
using Subband.Upscaling;

namespace Subband.Tests.Models;

public sealed class ModelStoreTests : IDisposable
{
    private readonly TemporaryFolder _folder = new(inMemory: true);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_run_stands_for_its_newest_checkpoint_and_a_checkpoint_for_itself()
    {
        string run = TinyLapgan.Train(TinyLapgan.In(_folder["run"]) with { Settings = [.. TinyLapgan.In("").Settings, ("training.checkpointKimg", "0.016")] });
        string newest = Path.Combine(run, "checkpoints", "000000k032");
        Assert.Equal(Path.Combine(newest, "model.safetensors"), ModelStore.Find(run));
        Assert.Equal(Path.Combine(newest, "model.safetensors"), ModelStore.Find(newest));
        string older = Path.Combine(run, "checkpoints", "000000k016");
        Assert.Equal(Path.Combine(older, "model.safetensors"), ModelStore.Find(older));
        using ModelFile file = ModelStore.Open(run);
        Assert.Equal("lapgan-cifar10-paper", file.Preset);
        Assert.Equal(16, file.Settings.Training.BatchSize);
    }

    [Fact]
    public void Models_are_told_from_images()
    {
        string run = TinyLapgan.Train(TinyLapgan.In(_folder["run"]));
        string pack = _folder["pack.safetensors"];
        using (IImageSource leaves = ImageSources.Open("synthetic:leaves#size=16,take=0..2"))
        {
            _ = ImagePack.Write(leaves, pack, 1, cancellationToken: TestContext.Current.CancellationToken);
        }

        Assert.All([run, ModelStore.Find(run), Path.GetDirectoryName(ModelStore.Find(run))!, "lapgan-cifar10", "rdn"], text => Assert.True(ModelStore.IsModel(text), text));
        Assert.All([pack, pack + "#take=0..1", run + "/samples", _folder.Path, "cifar10", "synthetic:leaves", "nothing"], text => Assert.False(ModelStore.IsModel(text), text));
    }

    [Fact]
    public void A_folder_that_is_no_model_says_what_is_in_it()
    {
        string run = TinyLapgan.Train(TinyLapgan.In(_folder["run"]));
        Assert.Equal($"{_folder.Path} is neither a run nor a checkpoint. In it there are {run}.", Error(_folder.Path));
        Assert.Equal(
            $"{run}/checkpoints is neither a run nor a checkpoint. In it there are {run}/checkpoints/000000k032.", Error(run + "/checkpoints"));
        Assert.Equal($"{run}/samples is neither a run nor a checkpoint.", Error(run + "/samples"));
    }

    [Fact]
    public void Half_a_checkpoint_is_no_model()
    {
        string checkpoint = Path.Combine(TinyLapgan.Train(TinyLapgan.In(_folder["run"])), "checkpoints", "000000k032");
        byte[] weights = File.ReadAllBytes(Path.Combine(checkpoint, "model.safetensors"));
        weights[^1] ^= 1;
        File.WriteAllBytes(Path.Combine(checkpoint, "model.safetensors"), weights);
        Assert.StartsWith($"{checkpoint}/model.safetensors is damaged", Error(checkpoint), StringComparison.Ordinal);
        Assert.StartsWith($"{checkpoint}/model.safetensors is damaged", Error(_folder["run"]), StringComparison.Ordinal);
        File.Delete(Path.Combine(checkpoint, "model.safetensors"));
        Assert.Contains("there is no model.safetensors in it", Error(checkpoint), StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_without_a_checkpoint_says_so()
    {
        using TrainingJob job = TrainingJob.Prepare(TinyLapgan.In(_folder["run"]));
        using RunFolder run = RunFolder.Create(job.Path, job.Config);
        Assert.Equal($"The run {job.Path} has no checkpoint yet; wait for the first, or continue it with --resume.", Error(job.Path));
    }

    [Fact]
    public void What_is_not_there_is_named_by_what_it_looks_like()
    {
        Assert.Equal("There is no file or folder runs/none.", Usage("runs/none"));
        Assert.Equal("There is no file or folder none.safetensors.", Usage("none.safetensors"));
        Assert.StartsWith(
            "lapgan-lsun-paper is a preset that no trained model was shipped for; train one with 'subband train lapgan-lsun-paper'.",
            Usage("lapgan-lsun-paper"),
            StringComparison.Ordinal);
        Assert.StartsWith("There is no shipped model, file or folder 'none'.", Usage("none"), StringComparison.Ordinal);
    }

    [Fact]
    public void The_recommended_model_is_shipped_and_small()
    {
        Assert.Contains("lapgan-cifar10", ModelStore.Shipped);
        Assert.InRange(new FileInfo(ModelStore.Find("lapgan-cifar10")).Length, 1_000_000, 8_000_000);
    }

    [Fact]
    public void Every_shipped_model_bears_the_name_of_its_preset_is_described_and_works()
    {
        foreach (string name in ModelStore.Shipped)
        {
            using ModelFile file = ModelStore.Open(name);
            Assert.Equal(Regex.Replace(name, "-x[0-9]+$", ""), file.Preset);
            Assert.Contains(file.Preset, File.ReadAllText(Path.Combine(Path.GetDirectoryName(ModelStore.Find(name))!, file.Preset + ".md")), StringComparison.Ordinal);
            using TensorScope scope = new();
            if (file.Settings is SuperResolutionSettings settings)
            {
                using IUpscaler upscaler = file.Family.LoadUpscaler(file, Device.Cpu);
                int scale = settings.Network.Scales[0];
                Assert.Equal([1, 3, 8 * scale, 9 * scale], upscaler.Upscale(Tensor.Full([1, 3, 8, 9], 0.5), scale).Shape.ToArray());
                Assert.InRange(new FileInfo(ModelStore.Find(name)).Length, 100_000, 4_000_000);
            }
            else
            {
                using IImageGenerator model = file.Family.LoadGenerator(file, Device.Cpu);
                Assert.Equal(2, model.Generate(2, seed: 1).Size(0));
            }
        }
    }

    [Fact]
    public void Networks_for_a_factor_each_are_found_by_the_name_that_they_share()
    {
        Assert.True(ModelStore.IsShipped("rdn"));
        Assert.True(ModelStore.IsShipped("rdn-x4"));
        Assert.False(ModelStore.IsShipped("rdn-x5"));
        Assert.Contains(ModelStore.Find("rdn-x4"), ModelStore.FindSet("rdn"));
        Assert.Equal([ModelStore.Find("rdn-x4")], ModelStore.FindSet("rdn-x4"));
        Assert.Equal("rdn", UpscalingModels.Standard);
        using UpscalingModel set = UpscalingModels.Open("rdn", () => Device.Cpu);
        Assert.Contains(4, set.Scales);
        Assert.Equal("rdn", set.Preset);
    }

    private static string Error(string model) => Assert.Throws<SubbandException>(() => ModelStore.Find(model)).Message;

    private static string Usage(string model) => Assert.Throws<UsageException>(() => ModelStore.Find(model)).Message;
}
