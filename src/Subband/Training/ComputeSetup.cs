using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Subband.Torch;

namespace Subband.Training;

/// <summary>What the last bits of a training's sums depend on, beside the versions.</summary>
/// <param name="Device">Where it is computed.</param>
/// <param name="Precision">In which precision.</param>
/// <param name="Threads">On how many threads.</param>
internal sealed record ComputeSetup(Device Device, Precision Precision, int Threads)
{
    /// <summary>With which a run computes.</summary>
    public static ComputeSetup Of(RunConfig config) => new(config.Device, config.Precision, config.Threads);

    /// <summary>What is not as it was, such as <c>threads 2 instead of 1</c>; empty where all is.</summary>
    public string ChangesFrom(ComputeSetup was)
    {
        List<string> changes = [];
        Compare("device", was.Device, Device);
        Compare("precision", RunConfig.PrecisionName(was.Precision), RunConfig.PrecisionName(Precision));
        Compare("threads", was.Threads, Threads);
        return string.Join(", ", changes);

        void Compare(string name, object before, object now)
        {
            if (!now.Equals(before))
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
    };

    /// <exception cref="FormatException">The object is not what <see cref="ToJson"/> wrote.</exception>
    /// <exception cref="OverflowException">The number of threads is none.</exception>
    public static ComputeSetup FromJson(JsonElement json) => new(
        RunConfig.ParseDevice(json.Text("device")),
        RunConfig.ParsePrecision(json.Text("precision")),
        checked((int)json.WholeNumber("threads")));
}
