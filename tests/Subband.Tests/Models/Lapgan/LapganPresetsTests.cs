using Subband.Data;
using Subband.Models;
using Subband.Models.Lapgan;
using Subband.Training;

namespace Subband.Tests.Models.Lapgan;

/// <summary>The numbers of the published presets against those of the authors' scripts.</summary>
public class LapganPresetsTests
{
    // The defaults and constants of train_cifar.lua (gan-cifar10-paper), train_cifar_coarse_to_fine.lua,
    // train_cifar_coarse_to_fine_classcond.lua (-cc) and lsun/main.lua (-lsun).
    [Theory]
    [InlineData("lapgan-cifar10-paper", 0.02, 4e-6, 0.5, 128)]
    [InlineData("lapgan-cifar10-paper-28", 0.02, 4e-6, 0.5, 128)]
    [InlineData("lapgan-cifar10-paper-cc", 0.02, 4e-5, 0, 128)]
    [InlineData("lapgan-stl10-paper", 0.02, 4e-6, 0.5, 128)]
    [InlineData("lapgan-lsun-paper", 0.01, 4e-6, 0, 128)]
    [InlineData("gan-cifar10-paper", 0.02, 4e-6, 0, 100)]
    public void A_paper_preset_trains_with_the_numbers_of_its_script(
        string preset, double rate, double decay, double momentum, int batchSize)
    {
        var settings = (LapganSettings)ModelRegistry.Preset(preset).Preset.Settings;
        var optimizer = settings.Optimizer;
        Assert.Equal(OptimizerKind.Sgd, optimizer.Kind);
        Assert.Equal((rate, rate), (optimizer.GeneratorRate, optimizer.DiscriminatorRate));
        Assert.Equal((decay, momentum, 0.0008, 0.7), (optimizer.Decay, optimizer.Momentum, optimizer.MomentumStep, optimizer.MomentumCap));
        Assert.Equal(0, optimizer.AverageKimg);
        Assert.Equal((batchSize, BatchOrder.WithReplacement), (settings.Training.BatchSize, settings.Training.Order));
        Assert.Equal(new LossSettings { Kind = AdversarialLossKind.NonSaturating, HalfBatches = true }, settings.Loss);
        Assert.Equal(0, settings.Band.ConditionNoise);
    }

    [Theory]
    [InlineData("lapgan-cifar10-paper", new[] { 1200, 1200 }, new[] { 600, 600 }, 0.05, 0.005)]
    [InlineData("lapgan-cifar10-paper-cc", new[] { 1200, 1200 }, new[] { 600, 600 }, 0, 0)]
    [InlineData("lapgan-lsun-paper", new[] { 100, 100 }, new[] { 100, 100 }, 0.05, 0.005)]
    [InlineData("gan-cifar10-paper", new[] { 8000, 8000 }, new[] { 1600, 1600 }, 0.05, 0.005)]
    public void The_coarsest_networks_of_a_paper_preset_are_the_authors(
        string preset, int[] generator, int[] discriminator, double generatorDeviation, double discriminatorDeviation)
    {
        var settings = ((LapganSettings)ModelRegistry.Preset(preset).Preset.Settings).Base;
        Assert.Equal((BaseArchitecture.FullyConnected, 100, 0.5), (settings.Architecture, settings.Noise, settings.Dropout));
        Assert.Equal(generator, settings.GeneratorWidths);
        Assert.Equal(discriminator, settings.DiscriminatorWidths);
        Assert.Equal((generatorDeviation, discriminatorDeviation), (settings.GeneratorDeviation, settings.DiscriminatorDeviation));
    }

    [Fact]
    public void The_recommended_preset_trains_as_the_shipped_model_was_trained()
    {
        using var model = ModelStore.Open("lapgan-cifar10");
        Assert.Equal(
            SettingsTree.ToJson(Unscheduled(ModelRegistry.Preset("lapgan-cifar10").Preset.Settings)),
            SettingsTree.ToJson(Unscheduled(model.Settings)));
    }

    // How long a model is trained, and how its run is kept, is the user's choice.
    private static LapganSettings Unscheduled(ModelSettings settings)
    {
        var own = (LapganSettings)settings;
        return own with
        {
            Training = new TrainingSettings { BatchSize = own.Training.BatchSize, Order = own.Training.Order, Flip = own.Training.Flip },
            TrainLevels = [],
        };
    }
}
