using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Subband.Data;
using Subband.Models;
using Subband.Torch;

namespace Subband.Training;

/// <summary>Which images a run is trained on.</summary>
/// <param name="Source">The source in full, with an absolute path: opening it again gives the same images.</param>
/// <param name="Fingerprint">What tells these images from others or changed ones, wherever they lie.</param>
/// <param name="Classes">The class names, in the order of their labels; empty where there are none.</param>
public sealed record RunData(string Source, string Fingerprint, IReadOnlyList<string> Classes)
{
    /// <summary>What a run keeps of an opened source.</summary>
    public static RunData Of(IImageSource source)
    {
        ArgumentNullException.ThrowIfNull(source);
        return new RunData(source.Name, source.Fingerprint, source.Classes);
    }
}

/// <summary>
/// The complete, resolved configuration of a run: nothing in it is <c>auto</c> or left to a default. It is the content of
/// <c>config.json</c>.
/// </summary>
public sealed record RunConfig
{
    private const int Format = 1;

    /// <summary>The version of Subband that wrote it.</summary>
    public string Version { get; init; } = ProductVersion.Text;

    /// <summary>The model family's name, such as <c>lapgan</c>.</summary>
    public required string Family { get; init; }

    /// <summary>The preset that the settings began with.</summary>
    public required string Preset { get; init; }

    /// <summary>Where all random choices begin.</summary>
    public required ulong Seed { get; init; }

    /// <summary>The images.</summary>
    public required RunData Data { get; init; }

    /// <summary>Where to compute.</summary>
    public required Device Device { get; init; }

    /// <summary>In which precision to compute.</summary>
    public required Precision Precision { get; init; }

    /// <summary>How many threads compute. With another number sums are taken in another order, which the last bits show.</summary>
    public required int Threads { get; init; }

    /// <summary>All settings of the model and its training.</summary>
    public required ModelSettings Settings { get; init; }

    /// <summary>The text of <c>config.json</c>.</summary>
    public string ToJson()
    {
        JsonObject json = new()
        {
            ["format"] = Format,
            ["version"] = Version,
            ["family"] = Family,
            ["preset"] = Preset,
            ["seed"] = Seed,
            ["data"] = new JsonObject
            {
                ["source"] = Data.Source,
                ["fingerprint"] = Data.Fingerprint,
                ["classes"] = new JsonArray([.. Data.Classes.Select(name => JsonValue.Create(name))]),
            },
            ["device"] = Device.ToString(),
            ["precision"] = PrecisionName(Precision),
            ["threads"] = Threads,
            ["settings"] = SettingsTree.ToJsonObject(Settings),
        };
        return json.ToIndentedText() + "\n";
    }

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <param name="json">The text.</param>
    /// <param name="family">Finds a model family by its name, or throws a <see cref="UsageException"/>.</param>
    /// <param name="origin">The file, for messages.</param>
    /// <exception cref="SubbandException">The text is damaged, of a later version, or of an unknown family.</exception>
    public static RunConfig FromJson(string json, Func<string, IModelFamily> family, string origin)
    {
        ArgumentNullException.ThrowIfNull(family);
        try
        {
            using JsonDocument document = JsonDocument.Parse(json, new JsonDocumentOptions { AllowDuplicateProperties = false });
            JsonElement root = document.RootElement;
            root.RequireFormat(Format, origin);
            JsonElement data = root.Member("data");
            IModelFamily found = family(root.Text("family"));
            return new RunConfig
            {
                Version = root.Text("version"),
                Family = found.Name,
                Preset = root.Text("preset"),
                Seed = root.Member("seed").TryGetUInt64(out ulong seed) ? seed : throw new FormatException("'seed' is no whole number"),
                Data = new RunData(data.Text("source"), data.Text("fingerprint"), data.Texts("classes")),
                Device = ParseDevice(root.Text("device")),
                Precision = ParsePrecision(root.Text("precision")),
                Threads = checked((int)root.WholeNumber("threads")),
                Settings = (ModelSettings)SettingsTree.FromJson(root.Member("settings"), found.SettingsType, origin),
            };
        }
        catch (Exception exception) when (exception is JsonException or FormatException or OverflowException or InvalidOperationException)
        {
            throw new SubbandException(
                $"{origin} is not the sound configuration of a run: {exception.Message.TrimEnd('.')}. "
                + "If you edited it, undo that; otherwise the run cannot be continued, though its checkpoints can be used.",
                exception);
        }
    }

    /// <summary>The name of a precision in files and on the command line: <c>fp32</c>, <c>bf16</c>.</summary>
    internal static string PrecisionName(Precision precision) => precision == Precision.Bf16 ? "bf16" : "fp32";

    /// <exception cref="FormatException">It is no precision.</exception>
    internal static Precision ParsePrecision(string text) => text switch
    {
        "fp32" => Precision.Fp32,
        "bf16" => Precision.Bf16,
        _ => throw new FormatException($"'precision' is '{text}', which is neither fp32 nor bf16"),
    };

    /// <exception cref="FormatException">It is no device.</exception>
    internal static Device ParseDevice(string text) => text == "cpu" ? Device.Cpu
        : text.StartsWith("cuda:", StringComparison.Ordinal)
            && int.TryParse(text.AsSpan("cuda:".Length), NumberStyles.None, CultureInfo.InvariantCulture, out int index)
            ? new Device(DeviceType.Cuda, index)
            : throw new FormatException($"'device' is '{text}', which is neither cpu nor cuda:0");
}
