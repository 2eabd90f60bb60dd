using System.Text.Json.Nodes;
using Subband.Torch;

namespace Subband.Models.Lapgan;

/// <summary>How many images each level was shown, as it stands in <c>state.json</c> and in a model's metadata.</summary>
internal static class LevelCounters
{
    private const string Key = "levelImages";

    /// <summary>Writes it.</summary>
    /// <param name="images">The count of each level, the finest first.</param>
    public static JsonObject Write(IEnumerable<long> images) => new()
    {
        [Key] = new JsonArray([.. images.Select(count => JsonValue.Create(count))]),
    };

    /// <summary>The count of a level.</summary>
    /// <exception cref="SubbandException">It does not stand there.</exception>
    public static long Images(JsonObject counters, int level) =>
        counters[Key] is JsonArray counts && level < counts.Count && counts[level] is JsonValue count && count.TryGetValue(out long images)
            ? images
            : throw new SubbandException($"A LAPGAN's counters hold no {Key} of level {level}: {counters.ToJsonString()}.");
}
