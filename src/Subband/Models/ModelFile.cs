using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Subband.Data;
using Subband.Torch;
using Subband.Torch.Serialization;
using Subband.Training;

namespace Subband.Models;

/// <summary>
/// A trained model in one <c>.safetensors</c> file, whose metadata says what it is, so that it loads with nothing beside
/// it. A checkpoint's <c>model.safetensors</c> is such a file too.
/// </summary>
public sealed class ModelFile : IDisposable
{
    private const string FormatKey = "subband.format";
    private const string FamilyKey = "subband.family";
    private const string PresetKey = "subband.preset";
    private const string SettingsKey = "subband.settings";
    private const string ClassesKey = "subband.classes";
    private const string CountersKey = "subband.counters";
    private const string Bf16CostKey = "subband.bf16Cost";
    private const string FastCostKey = "subband.fastCost";
    private const int Format = 1;

    private ModelFile(
        TensorArchive tensors,
        IModelFamily family,
        string preset,
        ModelSettings settings,
        string[] classes,
        JsonObject counters,
        PrecisionCosts costs)
    {
        Tensors = tensors;
        Family = family;
        Preset = preset;
        Settings = settings;
        Classes = classes;
        Counters = counters;
        Costs = costs;
    }

    /// <summary>The weights.</summary>
    public TensorArchive Tensors { get; }

    /// <summary>The kind of model.</summary>
    public IModelFamily Family { get; }

    /// <summary>The preset it was trained with.</summary>
    public string Preset { get; }

    /// <summary>Its settings.</summary>
    public ModelSettings Settings { get; }

    /// <summary>The class names of the data it was trained on.</summary>
    public IReadOnlyList<string> Classes { get; }

    /// <summary>How much it was trained, as <see cref="ITrainee.Counters"/> gave it; empty when the file does not say.</summary>
    public JsonObject Counters { get; }

    /// <summary>What it costs it to compute less exactly.</summary>
    public PrecisionCosts Costs { get; }

    /// <summary>Opens a model file.</summary>
    /// <param name="path">A <c>.safetensors</c> file that Subband wrote.</param>
    /// <exception cref="SubbandException">It is damaged, or no model of Subband, or of a later version.</exception>
    public static ModelFile Open(string path)
    {
        var tensors = TensorFile.Load(path);
        try
        {
            var metadata = tensors.Metadata;
            if (metadata.TryGetValue(PackFormat.FormatKey, out var kind) && kind == PackFormat.Name)
            {
                throw new SubbandException($"{path} is a pack of images, not a model; it can be given as --data.");
            }

            if (!metadata.TryGetValue(FormatKey, out var format) || !metadata.TryGetValue(FamilyKey, out var familyName))
            {
                throw new SubbandException(
                    $"{path} holds tensors, but its metadata does not say which model they are: it was not written by Subband.");
            }

            if (!int.TryParse(format, CultureInfo.InvariantCulture, out var number) || number > Format)
            {
                throw new SubbandException(
                    $"{path} has model format {FileText.Shown(format)}; this Subband reads up to {Format}. Update Subband.");
            }

            var family = ModelRegistry.Family(familyName);
            var settings = SettingsTree.FromJson(metadata.GetValueOrDefault(SettingsKey, "{}"), family.SettingsType, path);
            var classes = Parse(path, ClassesKey, metadata.GetValueOrDefault(ClassesKey, "[]"), json => json.Deserialize<string[]>());
            var counters = Parse(path, CountersKey, metadata.GetValueOrDefault(CountersKey, "{}"), json => json as JsonObject);
            PrecisionCosts costs = new(Decibels(path, metadata, Bf16CostKey), Decibels(path, metadata, FastCostKey));
            return new ModelFile(tensors, family, metadata.GetValueOrDefault(PresetKey, ""), settings, classes, counters, costs);
        }
        catch
        {
            tensors.Dispose();
            throw;
        }
    }

    private static T Parse<T>(string path, string key, string text, Func<JsonNode, T?> read)
        where T : class
    {
        try
        {
            if (JsonNode.Parse(text) is { } json && read(json) is { } value)
            {
                return value;
            }
        }
        catch (JsonException)
        {
            // Said below, with the file's name.
        }

        throw Damaged(path, key, text);
    }

    private static double? Decibels(string path, IReadOnlyDictionary<string, string> metadata, string key) =>
        !metadata.TryGetValue(key, out string? text) ? null
            : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double decibels) && double.IsFinite(decibels) ? decibels
            : throw Damaged(path, key, text);

    private static SubbandException Damaged(string path, string key, string text) =>
        new($"{path} is damaged: its metadata {key} holds '{FileText.Shown(text)}'. Get or export it again.");

    /// <summary>What stands in a model file's metadata.</summary>
    /// <param name="family">The kind of model.</param>
    /// <param name="preset">The preset it was trained with.</param>
    /// <param name="settings">Its settings.</param>
    /// <param name="classes">The class names of the data.</param>
    /// <param name="counters">How much it was trained.</param>
    /// <param name="costs"><see cref="Costs"/>; null where they were not measured.</param>
    public static IReadOnlyDictionary<string, string> Metadata(
        string family, string preset, ModelSettings settings, IReadOnlyList<string> classes, JsonObject counters, PrecisionCosts? costs = null)
    {
        Dictionary<string, string> metadata = new()
        {
            [FormatKey] = Format.ToString(CultureInfo.InvariantCulture),
            [FamilyKey] = family,
            [PresetKey] = preset,
            [SettingsKey] = SettingsTree.ToJson(settings),
            [ClassesKey] = JsonSerializer.Serialize(classes),
            [CountersKey] = counters.ToJsonString(),
        };
        Add(Bf16CostKey, costs?.Bf16);
        Add(FastCostKey, costs?.Fast);
        return metadata;

        void Add(string key, double? decibels)
        {
            if (decibels is { } known)
            {
                metadata.Add(key, known.ToString("R", CultureInfo.InvariantCulture));
            }
        }
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => Tensors.Dispose();
}
