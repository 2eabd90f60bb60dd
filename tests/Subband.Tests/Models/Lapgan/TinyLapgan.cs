using Subband.Models;
using Subband.Models.Lapgan;
using Subband.Torch;
using Subband.Torch.Serialization;
using Subband.Training;

namespace Subband.Tests.Models.Lapgan;

/// <summary>Writes model files of tiny LAPGANs that have seen noise for three steps, in a fraction of a second.</summary>
public static class TinyLapgan
{
    /// <summary>The classes of the conditional ones.</summary>
    public static IReadOnlyList<string> Classes { get; } = ["leaf", "stone", "sky"];

    /// <summary>Writes one.</summary>
    /// <param name="path">The file.</param>
    /// <param name="preset">Which networks.</param>
    /// <param name="changes">Settings that are changed, such as <c>pyramid.sizes=16,8</c>.</param>
    public static string Write(string path, string preset, params string[] changes)
    {
        var (family, chosen) = ModelRegistry.Preset(preset);
        var isModern = preset == "lapgan-cifar10";
        var settings = new[] { "training.batchSize=4", "band.generatorWidths=8", "band.discriminatorWidths=8" }
            .Concat(isModern ? ["base.generatorWidths=8", "base.discriminatorWidths=8"] : ["base.generatorWidths=16,16", "base.discriminatorWidths=16,16"])
            .Concat(changes)
            .Aggregate(chosen.Settings, SettingsTree.Apply);
        var size = ((LapganSettings)settings).Pyramid.Sizes[0];
        using var random = new Generator(1);
        using var trainee = family.NewTrainee(preset, settings, new TrainingContext(
            Device.Cpu, Precision.Fp32, 1, random, Classes, () => (Tensor.Full([3, size, size], 0.1), Tensor.Full([3, size, size], 0.5))));
        using var scope = new TensorScope();
        // A few steps, so that gains and modulations, which start at 0, tell classes apart.
        for (var i = 0; i < 3; i++)
        {
            var labels = Tensor.RandInt(0, Classes.Count, [4], random);
            trainee.Step(new TrainingBatch(Tensor.Rand([4, 3, size, size], random) * 2 - 1, labels));
        }

        TensorFile.Save(path, trainee.ModelTensors(), trainee.ModelMetadata());
        return path;
    }
}
