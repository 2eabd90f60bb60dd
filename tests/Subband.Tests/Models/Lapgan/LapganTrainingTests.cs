using Subband.Models;
using Subband.Models.Lapgan;
using Subband.Torch;
using Subband.Torch.Serialization;
using Subband.Training;

namespace Subband.Tests.Models.Lapgan;

/// <summary>A small LAPGAN while it is trained: independent levels, restored states, every published preset.</summary>
public class LapganTrainingTests
{
    private static readonly string[] Classes = ["leaf", "stone", "sky"];

    [Fact]
    public void Every_preset_is_valid_and_bears_its_familys_name()
    {
        IModelFamily family = ModelRegistry.Family("lapgan");
        Assert.All(family.Presets, preset =>
        {
            family.Validate(preset.Settings, Classes);
            Assert.EndsWith(".", preset.Summary, StringComparison.Ordinal);
        });
        Assert.Equal(
            [
                "lapgan-cifar10", "lapgan-cifar10-paper", "lapgan-cifar10-paper-28", "lapgan-cifar10-paper-cc",
                "lapgan-stl10-paper", "lapgan-lsun-paper", "gan-cifar10-paper",
            ],
            family.Presets.Select(preset => preset.Name));
    }

    [Theory]
    [InlineData("pyramid.sizes=16,16", "pyramid.sizes")]
    [InlineData("pyramid.sizes=8,16", "pyramid.sizes")]
    [InlineData("pyramid.cropFrom=20", "pyramid.cropFrom")]
    [InlineData("band.kernels=4", "band.kernels must be odd")]
    [InlineData("band.kernels=7,7,7", "band.kernels has 3 numbers")]
    [InlineData("band.generatorWidths=8,8,8,8,8", "band.generatorWidths has 5 numbers")]
    [InlineData("band.discriminatorWidths=", "band.discriminatorWidths has 0 numbers")]
    [InlineData("pyramid.sizes=32;band.generatorWidths=", "band.generatorWidths has 0 numbers")]
    [InlineData("base.generatorWidths=", "base.generatorWidths has 0 numbers")]
    [InlineData("base.discriminatorWidths=", "base.discriminatorWidths has 0 numbers")]
    [InlineData("base.architecture=residual;base.generatorWidths=8", "base.discriminatorWidths has 2 numbers")]
    [InlineData("pyramid.sizes=16,8,4", "band.architecture plain needs at least 9 pixels")]
    [InlineData("optimizer.momentum=0.9", "optimizer.momentum is 0.9; it must be at most optimizer.momentumCap, which is 0.7")]
    [InlineData("loss.spectralNorm=true", "reads loss.spectralNorm=true.")]
    [InlineData("band.blocks=3", "--set band.blocks=2.")]
    [InlineData("band.architecture=residual;band.kernels=7,5", "reads band.kernels=7,5.")]
    [InlineData("band.architecture=large;band.discriminatorWidths=8", "reads band.discriminatorWidths=8.")]
    [InlineData("band.architecture=fullyConnected;band.generatorWidths=8;band.noisePlanes=2", "reads band.noisePlanes=2, band.generatorWidths=8.")]
    [InlineData("pyramid.sizes=32;band.conditionNoise=0.1", "reads band.conditionNoise=0.1.")]
    [InlineData(
        "base.architecture=residual;base.generatorWidths=8;base.discriminatorWidths=8;base.generatorDeviation=0;base.dropout=0",
        "--set base.dropout=0.5 --set base.generatorDeviation=0.05.")]
    [InlineData("trainLevels=3", "trainLevels")]
    [InlineData("training.batchSize=7", "training.batchSize")]
    [InlineData("conditional=true;band.architecture=large", "band.architecture")]
    public void Settings_that_do_not_fit_each_other_are_refused_by_name(string changes, string named)
    {
        var (family, preset) = ModelRegistry.Preset("lapgan-cifar10-paper");
        var settings = changes.Split(';').Aggregate(preset.Settings, SettingsTree.Apply);
        var error = Assert.Throws<UsageException>(() => family.Validate(settings, Classes));
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_architecture_of_the_coarsest_level_takes_only_what_that_level_can_be()
    {
        var settings = ModelRegistry.Preset("lapgan-cifar10-paper").Preset.Settings;
        var error = Assert.Throws<UsageException>(() => SettingsTree.Apply(settings, "base.architecture=large"));
        Assert.Equal(
            "The setting base.architecture (networks of the coarsest level) takes fullyConnected or residual, not 'large'.", error.Message);
    }

    [Fact]
    public void A_class_conditional_model_refuses_data_without_classes()
    {
        var (family, preset) = ModelRegistry.Preset("lapgan-cifar10-paper-cc");
        var error = Assert.Throws<UsageException>(() => family.Validate(preset.Settings, []));
        Assert.Contains("no classes", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("lapgan-cifar10-paper", "conv3")]
    [InlineData("lapgan-cifar10-paper-cc", "conv3")]
    [InlineData("lapgan-cifar10", "output")]
    public void Training_one_level_leaves_the_others_as_they_are(string preset, string lastLayer)
    {
        using var training = new Small(preset, "trainLevels=0");
        var before = training.Bytes();
        training.Steps(2);
        var after = training.Bytes();
        Assert.All(
            after.Where(t => !t.Key.StartsWith("levels.0.", StringComparison.Ordinal)),
            t => Assert.True(t.Value.SequenceEqual(before[t.Key]), $"{t.Key} changed"));
        var trained = $"levels.0.generator.{lastLayer}.weight";
        Assert.False(after[trained].SequenceEqual(before[trained]), $"{trained} did not change");
        Assert.Equal(2 * Small.BatchSize, training.Trainee.Images);
    }

    [Theory]
    [InlineData("lapgan-cifar10-paper")]
    [InlineData("lapgan-cifar10-paper-cc")]
    [InlineData("lapgan-cifar10")]
    public void A_level_trained_alone_becomes_what_it_becomes_beside_the_others(string preset)
    {
        using var together = new Small(preset, "");
        together.Steps(3);
        for (var level = 0; level < 2; level++)
        {
            using var alone = new Small(preset, $"trainLevels={level}");
            alone.Steps(3);
            var found = alone.Bytes();
            Assert.All(
                together.Bytes().Where(t => t.Key.StartsWith($"levels.{level}.", StringComparison.Ordinal)),
                t => Assert.Equal(t.Value, found[t.Key]));
        }
    }

    [Fact]
    public void Levels_that_were_trained_apart_join_into_the_model_that_trains_them_together()
    {
        using var folder = new TemporaryFolder();
        string Train(string name, string changes, int steps)
        {
            using var training = new Small("lapgan-cifar10-paper-cc", changes);
            training.Steps(steps);
            TensorFile.Save(folder[name], training.Trainee.ModelTensors(), training.Trainee.ModelMetadata());
            return folder[name];
        }

        using var together = ModelFile.Open(Train("together.safetensors", "", 3));
        using var fine = ModelFile.Open(Train("fine.safetensors", "trainLevels=0", 3));
        using var coarse = ModelFile.Open(Train("coarse.safetensors", "trainLevels=1;training.kimg=5", 3));
        using var less = ModelFile.Open(Train("less.safetensors", "", 1));
        ModelExport.Write([together], folder["expected.safetensors"]);
        ModelExport.Write([coarse, less, fine], folder["joined.safetensors"]);
        using var expected = ModelFile.Open(folder["expected.safetensors"]);
        using var joined = ModelFile.Open(folder["joined.safetensors"]);
        using var scope = new TensorScope();
        Assert.Equal(expected.Tensors.Names.Order(), joined.Tensors.Names.Order());
        Assert.All(expected.Tensors.Names, name => Assert.Equal(expected.Tensors[name].ToArray<float>(), joined.Tensors[name].ToArray<float>()));
        Assert.Equal(expected.Counters.ToJsonString(), joined.Counters.ToJsonString());

        var missing = Assert.Throws<UsageException>(() => ModelExport.Write([fine, fine], folder["none.safetensors"]));
        Assert.Contains("Level 1 was trained in none of the 2 models", missing.Message, StringComparison.Ordinal);
        using var wider = ModelFile.Open(Train("wider.safetensors", "band.generatorWidths=16", 1));
        var unlike = Assert.Throws<UsageException>(() => ModelExport.Write([fine, wider], folder["none.safetensors"]));
        Assert.Contains("cannot be joined: their settings differ", unlike.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(folder["none.safetensors"]));
    }

    [Fact]
    public void Levels_in_half_precision_join_and_what_was_measured_is_never_rounded()
    {
        using var folder = new TemporaryFolder();
        string Train(int level)
        {
            using var training = new Small("lapgan-cifar10-paper", $"trainLevels={level}");
            training.Steps(1);
            TensorFile.Save(folder[$"{level}.safetensors"], training.Trainee.ModelTensors(), training.Trainee.ModelMetadata());
            return folder[$"{level}.safetensors"];
        }

        string Half(int level)
        {
            using var model = ModelFile.Open(Train(level));
            return ModelExport.Write([model], folder[$"{level}-half.safetensors"], DType.Float16).Path;
        }

        // As models were exported at first, with statistics in half precision too.
        string Older(string path)
        {
            using var model = ModelFile.Open(path);
            using var scope = new TensorScope();
            TensorFile.Save(
                folder["older.safetensors"],
                [.. model.Tensors.Names.Select(name => (name, model.Tensors[name].To(DType.Float16)))],
                model.Tensors.Metadata);
            return folder["older.safetensors"];
        }

        using var scope = new TensorScope();
        using var fine = ModelFile.Open(Half(0));
        using var coarse = ModelFile.Open(Half(1));
        using var older = ModelFile.Open(Older(coarse.Tensors.Path));
        using var expected = ModelFile.Open(folder["0.safetensors"]);
        foreach (ModelFile[] both in new[] { new[] { fine, coarse }, [older, fine] })
        {
            using var joined = ModelFile.Open(ModelExport.Write(both, folder["joined.safetensors"], DType.Float16).Path);
            foreach (var name in new[] { "standardization.mean", "standardization.deviation" })
            {
                Assert.Equal(expected.Tensors[name].ToArray<float>(), joined.Tensors[name].ToArray<float>());
            }

            Assert.Equal(DType.Float16, joined.Tensors["levels.0.generator.conv1.weight"].DType);
        }

        TensorFile.Save(
            folder["others.safetensors"],
            [.. older.Tensors.Names.Select(name => (name, name == "standardization.mean" ? older.Tensors[name] + 0.01 : older.Tensors[name]))],
            older.Tensors.Metadata);
        using var others = ModelFile.Open(folder["others.safetensors"]);
        var unlike = Assert.Throws<UsageException>(() => ModelExport.Write([fine, others], folder["none.safetensors"]));
        Assert.Contains("mean and deviation of their images differ", unlike.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("lapgan-cifar10-paper", 90_000)]
    [InlineData("lapgan-cifar10-paper-28", 90_000)]
    [InlineData("lapgan-cifar10-paper-cc", 90_000)]
    [InlineData("gan-cifar10-paper", 90_000)]
    [InlineData("lapgan-stl10-paper", 200_000)]
    [InlineData("lapgan-lsun-paper", 640_000)]
    public void An_epoch_of_the_schedules_is_the_releases_with_its_generated_half(string preset, int images) =>
        Assert.Equal(images, ((LapganSettings)ModelRegistry.Preset(preset).Preset.Settings).Optimizer.EpochImages);

    [Theory]
    [InlineData("lapgan-cifar10-paper", "")]
    [InlineData("lapgan-cifar10-paper-cc", "")]
    [InlineData("lapgan-cifar10", "")]
    [InlineData("lapgan-cifar10", "loss.kind=hinge;loss.spectralNorm=true;loss.augmentation=colorTranslationCutout;loss.r1Interval=2")]
    [InlineData("gan-cifar10-paper", "pyramid.sizes=16;band.generatorWidths=64;band.discriminatorWidths=64")]
    public void A_restored_training_continues_bit_by_bit(string preset, string changes)
    {
        using var folder = new TemporaryFolder();
        using var whole = new Small(preset, changes);
        whole.Steps(3);
        var (model, optimizer) = (Path.Combine(folder.Path, "model.safetensors"), Path.Combine(folder.Path, "optimizer.safetensors"));
        TensorFile.Save(model, whole.Trainee.ModelTensors(), whole.Trainee.ModelMetadata());
        TensorFile.Save(optimizer, whole.Trainee.OptimizerTensors(), new Dictionary<string, string>());
        var counters = whole.Trainee.Counters();
        using var state = TensorScope.Release(whole.Random.State());
        whole.Trainee.SampleSheet(); // must not disturb what follows
        whole.Steps(3, from: 3);

        using var resumed = new Small(preset, changes);
        using (var models = TensorFile.Load(model))
        using (var optimizers = TensorFile.Load(optimizer))
        {
            resumed.Trainee.Restore(models, optimizers, counters);
        }

        resumed.Random.Restore(state);
        resumed.Steps(3, from: 3);
        foreach (var (name, bytes) in resumed.Bytes())
        {
            Assert.True(bytes.SequenceEqual(whole.Bytes()[name]), $"{name} differs");
        }
    }

    [Fact]
    public void Steps_in_bfloat16_stay_close_to_steps_in_single_precision()
    {
        using var exact = new Small("lapgan-cifar10-paper", "");
        using var rough = new Small("lapgan-cifar10-paper", "", Precision.Bf16);
        var expected = exact.Steps(1);
        var found = rough.Steps(1);
        Assert.All(expected.Zip(found), pair => Assert.Equal(pair.First, pair.Second, 0.02));
    }

    /// <summary>A LAPGAN of 16 and 8 pixels with few channels, and batches that depend only on their number.</summary>
    private sealed class Small : IDisposable
    {
        public const int BatchSize = 8;

        private readonly int _size;

        public Small(string preset, string changes, Precision precision = Precision.Fp32)
        {
            var (family, chosen) = ModelRegistry.Preset(preset);
            var settings = $"training.batchSize={BatchSize};pyramid.sizes=16,8;band.generatorWidths=8;band.discriminatorWidths=8;{changes}"
                .Split(';', StringSplitOptions.RemoveEmptyEntries)
                .Concat(chosen.Name == "lapgan-cifar10"
                    ? ["base.generatorWidths=8", "base.discriminatorWidths=8"]
                    : ["base.generatorWidths=16,16", "base.discriminatorWidths=16,16"])
                .Aggregate(chosen.Settings, SettingsTree.Apply);
            family.Validate(settings, Classes);
            _size = ((LapganSettings)settings).Pyramid.Sizes[0];
            Random = new Generator(7);
            Trainee = family.NewTrainee(preset, settings, new TrainingContext(
                Device.Cpu, precision, 7, Random, Classes, () => (Tensor.Full([3, _size, _size], 0.1), Tensor.Full([3, _size, _size], 0.5))));
        }

        public ITrainee Trainee { get; }

        public Generator Random { get; }

        public double[] Steps(int count, int from = 0)
        {
            double[] last = [];
            for (var i = from; i < from + count; i++)
            {
                using var scope = new TensorScope();
                using var own = new Generator((ulong)i);
                var images = Tensor.Rand([BatchSize, 3, _size, _size], own) * 2 - 1;
                var labels = Tensor.RandInt(0, Classes.Length, [BatchSize], own);
                last = [.. Trainee.Step(new TrainingBatch(images, labels)).Select(measure => measure.Value.Item())];
            }

            return last;
        }

        public Dictionary<string, byte[]> Bytes()
        {
            using var scope = new TensorScope();
            return Trainee.ModelTensors().ToDictionary(
                t => t.Name, t => System.Runtime.InteropServices.MemoryMarshal.AsBytes(t.Tensor.ToArray<float>().AsSpan()).ToArray());
        }

        public void Dispose()
        {
            Trainee.Dispose();
            Random.Dispose();
        }
    }
}
