using System.Security.Cryptography;
using Subband.Torch;
using Subband.Torch.Serialization;

namespace Subband.Training;

/// <summary>
/// A complete saved state of a run: the folder <c>checkpoints/000050k</c> with <c>model.safetensors</c>,
/// <c>optimizer.safetensors</c>, <c>state.json</c> and the checksums of the three.
/// </summary>
public sealed class Checkpoint
{
    internal const string ModelName = "model.safetensors";
    internal const string OptimizerName = "optimizer.safetensors";
    internal const string StateName = "state.json";

    /// <summary>The format of sha256sum, so that <c>sha256sum -c SHA256SUMS</c> checks a checkpoint without Subband.</summary>
    internal const string SumsName = "SHA256SUMS";

    private static readonly string[] Files = [ModelName, OptimizerName, StateName];

    private Checkpoint(string path, TrainingState state) => (Path, State) = (path, state);

    /// <summary>The folder's path.</summary>
    public string Path { get; }

    /// <summary>What is saved beside the tensors.</summary>
    public TrainingState State { get; }

    /// <summary>The weights, usable without the run.</summary>
    public string ModelPath => System.IO.Path.Combine(Path, ModelName);

    /// <summary>The state of the optimisers.</summary>
    public string OptimizerPath => System.IO.Path.Combine(Path, OptimizerName);

    /// <summary>Whether a folder is a checkpoint, whole or not: it holds more of one than the weights, which people copy.</summary>
    internal static bool IsOne(string path) =>
        Files.Append(SumsName).Any(name => name != ModelName && File.Exists(System.IO.Path.Combine(path, name)));

    /// <summary>Reads a checkpoint's state; the tensors are not touched.</summary>
    /// <exception cref="SubbandException">A file is missing or damaged.</exception>
    public static Checkpoint Open(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        foreach (string name in Files.Append(SumsName).Where(name => !File.Exists(System.IO.Path.Combine(path, name))))
        {
            throw new SubbandException($"The checkpoint {path} is not whole: there is no {name} in it.");
        }

        string state = System.IO.Path.Combine(path, StateName);
        return new Checkpoint(path, TrainingState.FromJson(TextFile.Read(state), state));
    }

    /// <summary>Reads every byte and compares it with what was written.</summary>
    /// <exception cref="SubbandException">A file is damaged; the message names it.</exception>
    public void Verify()
    {
        string[] expected = TextFile.Read(System.IO.Path.Combine(Path, SumsName)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        foreach (string name in Files)
        {
            if (!expected.Contains(SumLine(Path, name)))
            {
                throw new SubbandException(
                    $"{System.IO.Path.Combine(Path, name)} is damaged: its SHA-256 is not the one that was written beside it in {SumsName}.");
            }
        }
    }

    /// <summary>Writes the files of a checkpoint into an empty folder.</summary>
    /// <exception cref="SubbandException">They cannot be written.</exception>
    internal static void Fill(
        string folder,
        TrainingState state,
        IEnumerable<(string Name, Tensor Tensor)> model,
        IReadOnlyDictionary<string, string> metadata,
        IEnumerable<(string Name, Tensor Tensor)> optimizer)
    {
        TensorFile.Save(System.IO.Path.Combine(folder, ModelName), model, metadata);
        TensorFile.Save(System.IO.Path.Combine(folder, OptimizerName), optimizer);
        AtomicFile.WriteAllText(System.IO.Path.Combine(folder, StateName), state.ToJson());
        string sums = string.Concat(Files.Select(name => SumLine(folder, name) + "\n"));
        AtomicFile.WriteAllText(System.IO.Path.Combine(folder, SumsName), sums);
    }

    private static string SumLine(string folder, string name)
    {
        string path = System.IO.Path.Combine(folder, name);
        try
        {
            using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 20);
            return $"{Convert.ToHexStringLower(SHA256.HashData(file))}  {name}";
        }
        catch (Exception exception) when (DiskStep.IsDiskError(exception))
        {
            throw new SubbandException($"Cannot read {path}: {exception.Message.TrimEnd('.')}.", exception);
        }
    }
}
