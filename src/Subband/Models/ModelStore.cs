using System.Globalization;
using Subband.Data;
using Subband.Torch;
using Subband.Torch.Serialization;
using Subband.Training;

namespace Subband.Models;

/// <summary>
/// Finds the trained model that somebody names: a shipped one by its name; a run, whose newest checkpoint counts; a
/// checkpoint; or a <c>.safetensors</c> file.
/// </summary>
public static class ModelStore
{
    private const string FolderName = "models";
    private const string Extension = ".safetensors";
    private const string Launcher = "subband";
    private const int NamesShown = 5;

    // Beside the program, or beside the launcher of the checkout or archive that the program is part of.
    private static string? ShippedFolder { get; } = Above(AppContext.BaseDirectory)
        .Where(folder => folder == AppContext.BaseDirectory || File.Exists(Path.Combine(folder, Launcher)))
        .Select(folder => Path.Combine(folder, FolderName))
        .FirstOrDefault(Directory.Exists);

    /// <summary>
    /// The names of the models that came with this Subband, in order; each is that of its preset, with <c>-x2</c> and so on behind it
    /// where there is a network for each factor.
    /// </summary>
    public static IReadOnlyList<string> Shipped { get; } = ShippedFolder is { } folder
        ? [.. Directory.GetFiles(folder, "*" + Extension).Select(file => Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal)]
        : [];

    /// <summary>Opens a model.</summary>
    /// <param name="model">As <see cref="Find"/> takes it.</param>
    /// <exception cref="UsageException">There is no such model.</exception>
    /// <exception cref="SubbandException">What is there is no model, or a damaged one.</exception>
    public static ModelFile Open(string model) => ModelFile.Open(Find(model));

    /// <summary>Finds a model's file.</summary>
    /// <param name="model">A path, which counts before a name; or the name of a shipped model.</param>
    /// <returns>The path of a <c>.safetensors</c> file; what is in it is not looked at.</returns>
    /// <exception cref="UsageException">There is no such model; the message offers the nearest name.</exception>
    /// <exception cref="SubbandException">A folder is neither a run with a checkpoint nor a whole checkpoint.</exception>
    public static string Find(string model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return Directory.Exists(model) ? InFolder(model)
            : File.Exists(model) ? model
            : Shipped.Contains(model) ? Path.Combine(ShippedFolder!, model + Extension)
            : throw Missing(model);
    }

    /// <summary>
    /// Finds a model's files: one, or those of a shipped set of networks for one factor each, which has the name of what stands before
    /// <c>-x2</c>, <c>-x3</c> and so on in theirs.
    /// </summary>
    /// <inheritdoc cref="Find"/>
    public static IReadOnlyList<string> FindSet(string model)
    {
        ArgumentNullException.ThrowIfNull(model);
        string[] set = [.. Shipped.Where(name => SetOf(name) == model)];
        return Path.Exists(model) || Shipped.Contains(model) || set.Length == 0
            ? [Find(model)]
            : [.. set.Select(name => Path.Combine(ShippedFolder!, name + Extension))];
    }

    /// <summary>Whether a name is that of a shipped model or of a shipped set of them.</summary>
    public static bool IsShipped(string model) => Shipped.Any(name => name == model || SetOf(name) == model);

    /// <summary>Whether a text names a trained model and not images: for what takes either.</summary>
    /// <param name="text">
    /// A run, a checkpoint or a <c>.safetensors</c> file that is no pack of images; or the name of a shipped model where nothing of that name
    /// lies in the folder.
    /// </param>
    /// <exception cref="SubbandException">It is a damaged <c>.safetensors</c> file.</exception>
    public static bool IsModel(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Directory.Exists(text) ? RunFolder.IsRun(text) || Checkpoint.IsOne(text)
            : File.Exists(text) ? text.EndsWith(Extension, StringComparison.OrdinalIgnoreCase) && !IsPack(text)
            : IsShipped(text);
    }

    private static bool IsPack(string path)
    {
        using SafetensorsFile file = SafetensorsFile.Open(path);
        return file.Metadata.GetValueOrDefault(PackFormat.FormatKey) == PackFormat.Name;
    }

    // Of rdn-x4, rdn.
    private static string? SetOf(string name) =>
        name.LastIndexOf("-x", StringComparison.Ordinal) is > 0 and var at && int.TryParse(name.AsSpan(at + 2), CultureInfo.InvariantCulture, out _) ? name[..at] : null;

    private static string InFolder(string folder)
    {
        if (RunFolder.IsRun(folder))
        {
            return RunFolder.CheckpointsOf(folder).Newest()?.ModelPath
                ?? throw new SubbandException($"The run {folder} has no checkpoint yet; wait for the first, or continue it with --resume.");
        }

        if (Checkpoint.IsOne(folder))
        {
            Checkpoint checkpoint = Checkpoint.Open(folder);
            checkpoint.Verify();
            return checkpoint.ModelPath;
        }

        string[] inside =
        [
            .. Directory.GetDirectories(folder).Where(inner => RunFolder.IsRun(inner) || Checkpoint.IsOne(inner)),
            .. Directory.GetFiles(folder, "*" + Extension),
        ];
        string hint = inside.Length == 0 ? "" : $" In it there are {string.Join(", ", inside.Order(StringComparer.Ordinal).Take(NamesShown))}"
            + (inside.Length > NamesShown ? ", …" : ".");
        throw new SubbandException($"{folder} is neither a run nor a checkpoint.{hint}");
    }

    private static UsageException Missing(string model)
    {
        if (model.Contains(Path.DirectorySeparatorChar, StringComparison.Ordinal) || Path.GetExtension(model) == Extension)
        {
            return new UsageException($"There is no file or folder {model}.");
        }

        string[] presets = [.. ModelRegistry.Presets.Select(entry => entry.Preset.Name)];
        return presets.Contains(model)
            ? new UsageException($"{model} is a preset that no trained model was shipped for; train one with 'subband train {model}'."
                + (Shipped.Count > 0 ? $" Shipped are: {string.Join(", ", Shipped)}." : ""))
            : UsageException.UnknownName("shipped model, file or folder", model, [.. Shipped, .. Shipped.Select(SetOf).OfType<string>().Distinct()]);
    }

    private static IEnumerable<string> Above(string folder)
    {
        for (string? at = folder; at is not null; at = Path.GetDirectoryName(at))
        {
            yield return at;
        }
    }
}
