using Subband.Imaging;
using Subband.Models;
using Subband.Models.StyleGan2;
using Subband.Torch;
using Subband.Torch.Serialization;
using Subband.Training;

namespace Subband.Tests.Models.StyleGan2;

/// <summary>A tiny StyleGAN2 or SWAGAN, of 16 pixels if not told otherwise, while it is trained on noise.</summary>
internal sealed class TinyStyleGan2 : IDisposable
{
    public const int BatchSize = 4;

    private static readonly string[] Narrow =
    [
        "network.doublings=2", "network.styleWidth=8", "network.mappingLayers=2", "network.mostChannels=8", $"training.batchSize={BatchSize}",
        "optimizer.partSize=0",
    ];

    private readonly Generator _random = new(5);

    /// <summary>Makes untrained networks.</summary>
    /// <param name="preset">Which ones, made narrow.</param>
    /// <param name="changes">Further settings.</param>
    public TinyStyleGan2(string preset, params string[] changes)
    {
        var (family, chosen) = ModelRegistry.Preset(preset);
        Settings = (StyleGan2Settings)Narrow.Concat(changes).Aggregate(chosen.Settings, SettingsTree.Apply);
        family.Validate(Settings, Classes);
        Trainee = family.NewTrainee(preset, Settings, new TrainingContext(
            Device.Cpu, Precision.Fp32, 1, _random, Classes, () => throw new InvalidOperationException("no statistics are read")));
    }

    /// <summary>The classes of the data.</summary>
    public static IReadOnlyList<string> Classes { get; } = ["leaf", "stone", "sky"];

    public StyleGan2Settings Settings { get; }

    public ITrainee Trainee { get; }

    /// <summary>Writes a model file of networks that have seen noise for some steps.</summary>
    public static string Write(string path, string preset, params string[] changes)
    {
        using TinyStyleGan2 tiny = new(preset, changes);
        tiny.Steps(2);
        return tiny.Save(path);
    }

    /// <summary>Trains on the images of these numbers.</summary>
    /// <returns>The measures of the last step.</returns>
    public IReadOnlyDictionary<string, double> Steps(int count, int first = 0)
    {
        Dictionary<string, double> last = [];
        for (var step = first; step < first + count; step++)
        {
            using var scope = new TensorScope();
            using var data = new Generator((ulong)(100 + step));
            var side = 4 << Settings.Network.Doublings;
            var images = (Tensor.Rand([Settings.Training.BatchSize, Settings.Network.Colour.Channels(), side, side], data) * 2) - 1;
            var labels = Tensor.RandInt(0, Classes.Count, [Settings.Training.BatchSize], data);
            last = Trainee.Step(new TrainingBatch(images, labels)).ToDictionary(measure => measure.Name, measure => measure.Value.Item());
        }

        return last;
    }

    /// <summary>Writes its model file.</summary>
    public string Save(string path)
    {
        TensorFile.Save(path, Trainee.ModelTensors(), Trainee.ModelMetadata());
        return path;
    }

    /// <summary>Goes on where another is.</summary>
    public void ContinueFrom(TinyStyleGan2 other, string folder)
    {
        var (model, optimizer) = (other.Save(Path.Combine(folder, "model.safetensors")), Path.Combine(folder, "optimizer.safetensors"));
        TensorFile.Save(optimizer, other.Trainee.OptimizerTensors(), new Dictionary<string, string>());
        using var models = TensorFile.Load(model);
        using var optimizers = TensorFile.Load(optimizer);
        Trainee.Restore(models, optimizers, other.Trainee.Counters());
        using var state = other._random.State();
        _random.Restore(state);
    }

    /// <summary>Everything that moves, by name.</summary>
    public Dictionary<string, float[]> Values() => Trainee.ModelTensors()
        .Concat(Trainee.OptimizerTensors().Select(entry => ("optimizer." + entry.Name, entry.Tensor)))
        .ToDictionary(entry => entry.Item1, entry =>
        {
            using var scope = new TensorScope();
            return entry.Item2.To(DType.Float32).Contiguous().ToArray<float>();
        });

    public void Dispose()
    {
        Trainee.Dispose();
        _random.Dispose();
    }
}
