using Subband.Torch;
using Subband.Torch.Modules;
using Subband.Torch.Optim;
using Subband.Training;

namespace Subband.Models.StyleGan2;

/// <summary>
/// A trained model that another training begins with: its networks, its average, and what its optimisers remember where the file holds that, as an
/// imported checkpoint does.
/// </summary>
internal sealed class StyleGan2Start : IDisposable
{
    /// <summary>Before the names of what optimisers remember, in an imported model's file.</summary>
    public const string Optimizer = "optimizer.";

    private readonly ModelFile _file;

    private StyleGan2Start(ModelFile file) => _file = file;

    /// <summary>Opens a model, and makes sure that it can be begun with.</summary>
    /// <param name="model">A run, a checkpoint or a file.</param>
    /// <param name="settings">Of the training that begins.</param>
    /// <exception cref="UsageException">Its networks are others, or it has no discriminator; the message names the difference.</exception>
    /// <exception cref="SubbandException">There is no such model, or it is damaged.</exception>
    public static StyleGan2Start Open(string model, StyleGan2Settings settings)
    {
        var file = ModelStore.Open(model);
        try
        {
            RequireSameNetworks(model, file, settings);
            return file.Tensors.Names.Any(name => name.StartsWith(AveragedTensors.Discriminator, StringComparison.Ordinal))
                ? new StyleGan2Start(file)
                : throw new UsageException(
                    $"optimizer.startFrom is {model}, which holds a generator to be used, and no discriminator to go on with; give a run or a checkpoint.");
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Gives a training everything.</summary>
    /// <exception cref="SubbandException">A tensor is missing.</exception>
    public void Copy(
        Module generator, ExponentialMovingAverage average, LazyAdam generatorOptimizer, Module discriminator, LazyAdam discriminatorOptimizer)
    {
        var tensors = _file.Tensors;
        generator.CopyFrom(name => tensors.Find(AveragedTensors.Generator + name), tensors.Path);
        discriminator.CopyFrom(name => tensors.Find(AveragedTensors.Discriminator + name), tensors.Path);
        average.Load(name => tensors.Find(AveragedTensors.Used(tensors) + name), tensors.Path);
        CopyState(AveragedTensors.Generator, generatorOptimizer);
        CopyState(AveragedTensors.Discriminator, discriminatorOptimizer);
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private void CopyState(string part, LazyAdam optimizer)
    {
        if (_file.Tensors.Names.Contains($"{Optimizer}{part}step"))
        {
            optimizer.Load(name => _file.Tensors.Find(Optimizer + part + name), _file.Tensors.Path);
        }
    }

    private static void RequireSameNetworks(string model, ModelFile file, StyleGan2Settings settings)
    {
        if (file.Settings is not StyleGan2Settings other)
        {
            throw new UsageException($"optimizer.startFrom is {model}, a model of the family {file.Family.Name}; a StyleGAN2 or SWAGAN is needed.");
        }

        string[] differences =
        [
            .. SettingsTree.List(typeof(StyleGan2Settings))
                .Where(setting => setting.Name.StartsWith("network.", StringComparison.Ordinal) || setting.Name == "conditional")
                .Where(setting => setting.Text(settings) != setting.Text(other))
                .Select(setting => $"{setting.Name}={setting.Text(other)} and not {setting.Text(settings)}"),
        ];
        if (differences.Length > 0)
        {
            throw new UsageException($"optimizer.startFrom is {model}, which has {string.Join(", ", differences)}. Give the same to --set, or another model.");
        }
    }
}
