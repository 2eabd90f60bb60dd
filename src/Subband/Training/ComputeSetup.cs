using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Subband.Diagnostics;
using Subband.Torch;

namespace Subband.Training;

/// <summary>What the last bits of a training's sums depend on, beside the versions.</summary>
/// <param name="Device">Where it is computed.</param>
/// <param name="Precision">In which precision.</param>
/// <param name="Threads">On how many threads.</param>
/// <param name="Processor">What the device is where it is the processor; null where it is none, or was not written down.</param>
/// <param name="OwnConvolutions">With which instructions our own convolutions are computed there, or none; null as above.</param>
internal sealed record ComputeSetup(
    Device Device, Precision Precision, int Threads, string? Processor = null, string? OwnConvolutions = null)
{
    private const string None = "none";

    /// <summary>With which a run computes.</summary>
    public static ComputeSetup Of(RunConfig config)
    {
        ComputeSetup anywhere = new(config.Device, config.Precision, config.Threads);
        return config.Device.Type == DeviceType.Cpu
            ? anywhere with { Processor = ProcessorReport.Gather().Model, OwnConvolutions = Engine.OwnConvolutions ?? None }
            : anywhere;
    }

    /// <summary>What is not as it was, such as <c>threads 2 instead of 1</c>; empty where all is.</summary>
    public string ChangesFrom(ComputeSetup was)
    {
        List<string> changes = [];
        Compare("device", was.Device, Device);
        Compare("precision", RunConfig.PrecisionName(was.Precision), RunConfig.PrecisionName(Precision));
        Compare("threads", was.Threads, Threads);
        Compare("processor", was.Processor, Processor);
        Compare("own convolutions", was.OwnConvolutions, OwnConvolutions);
        return string.Join(", ", changes);

        void Compare(string name, object? before, object? now)
        {
            if (before is not null && now is not null && !now.Equals(before))
            {
                changes.Add(string.Create(CultureInfo.InvariantCulture, $"{name} {now} instead of {before}"));
            }
        }
    }

    /// <summary>The object that <see cref="FromJson"/> reads.</summary>
    public JsonObject ToJson() => new()
    {
        ["device"] = Device.ToString(),
        ["precision"] = RunConfig.PrecisionName(Precision),
        ["threads"] = Threads,
        ["processor"] = Processor,
        ["own_convolutions"] = OwnConvolutions,
    };

    /// <exception cref="FormatException">The object is not what <see cref="ToJson"/> wrote.</exception>
    /// <exception cref="OverflowException">The number of threads is none.</exception>
    public static ComputeSetup FromJson(JsonElement json) => new(
        RunConfig.ParseDevice(json.Text("device")),
        RunConfig.ParsePrecision(json.Text("precision")),
        checked((int)json.WholeNumber("threads")),
        Optional(json, "processor"),
        Optional(json, "own_convolutions"));

    private static string? Optional(JsonElement json, string name) =>
        json.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? json.Text(name) : null;
}
