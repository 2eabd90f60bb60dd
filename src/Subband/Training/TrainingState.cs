using System.Text.Json;
using System.Text.Json.Nodes;
using Subband.Torch;

namespace Subband.Training;

/// <summary>
/// All that a training is at a moment, but for its tensors: the content of a checkpoint's <c>state.json</c>.
/// </summary>
public sealed record TrainingState
{
    private const int Format = 1;

    /// <summary>The version of Subband that wrote it.</summary>
    public string Version { get; init; } = ProductVersion.Text;

    /// <summary>The version of libtorch that computed it.</summary>
    public required string TorchVersion { get; init; }

    /// <summary>Images shown, as <see cref="ITrainee.Images"/> counts them.</summary>
    public required long Images { get; init; }

    /// <summary>Steps taken since the run began.</summary>
    public required long Step { get; init; }

    /// <summary>The number of the next batch.</summary>
    public required long Batch { get; init; }

    /// <summary>Seconds spent in training since the run began, without the times when it stood still.</summary>
    public required double Seconds { get; init; }

    /// <summary>The kind of device that <see cref="Random"/> belongs to.</summary>
    public required DeviceType RandomDevice { get; init; }

    /// <summary>The state of the generator that the trainee draws from.</summary>
    public required byte[] Random { get; init; }

    /// <summary>What <see cref="ITrainee.Counters"/> gave.</summary>
    public required JsonObject Counters { get; init; }

    /// <summary>With what it was computed; null in a state of a version that did not write it.</summary>
    internal ComputeSetup? Compute { get; init; }

    /// <summary>The sums of the measures since the last report, so that the next report is that of an uninterrupted run.</summary>
    internal MeasureSums Sums { get; init; } = new();

    /// <summary>The text of <c>state.json</c>.</summary>
    internal string ToJson()
    {
        JsonObject json = new()
        {
            ["format"] = Format,
            ["version"] = Version,
            ["torch"] = TorchVersion,
            ["images"] = Images,
            ["step"] = Step,
            ["batch"] = Batch,
            ["seconds"] = Seconds,
            ["random"] = new JsonObject
            {
                ["device"] = RandomDevice == DeviceType.Cpu ? "cpu" : "cuda",
                ["state"] = Convert.ToBase64String(Random),
            },
            ["compute"] = Compute?.ToJson(),
            ["counters"] = Counters.DeepClone(),
            ["sums"] = Sums.ToJson(),
        };
        return json.ToIndentedText() + "\n";
    }

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <exception cref="SubbandException">The text is damaged or of a later version.</exception>
    internal static TrainingState FromJson(string json, string origin)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json, new JsonDocumentOptions { AllowDuplicateProperties = false });
            JsonElement root = document.RootElement;
            root.RequireFormat(Format, origin);
            JsonElement random = root.Member("random");
            return new TrainingState
            {
                Version = root.Text("version"),
                TorchVersion = root.Text("torch"),
                Images = root.WholeNumber("images"),
                Step = root.WholeNumber("step"),
                Batch = root.WholeNumber("batch"),
                Seconds = root.Number("seconds"),
                RandomDevice = random.Text("device") switch
                {
                    "cpu" => DeviceType.Cpu,
                    "cuda" => DeviceType.Cuda,
                    var other => throw new FormatException($"'device' is '{other}'"),
                },
                Random = Convert.FromBase64String(random.Text("state")),
                Compute = root.TryGetProperty("compute", out JsonElement compute) && compute.ValueKind != JsonValueKind.Null
                    ? ComputeSetup.FromJson(compute)
                    : null,
                Counters = root.Member("counters") is { ValueKind: JsonValueKind.Object } counters
                    ? JsonObject.Create(counters.Clone())!
                    : throw new FormatException("'counters' is no object"),
                Sums = MeasureSums.FromJson(root.Member("sums")),
            };
        }
        catch (Exception exception) when (exception is JsonException or FormatException or OverflowException or InvalidOperationException)
        {
            throw new SubbandException($"{origin} is damaged: {exception.Message.TrimEnd('.')}.", exception);
        }
    }
}
