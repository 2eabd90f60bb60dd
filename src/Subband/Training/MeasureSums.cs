using System.Text.Json;
using System.Text.Json.Nodes;

namespace Subband.Training;

/// <summary>The sum of every measure since the last report, in the order in which they first came.</summary>
internal sealed class MeasureSums
{
    private readonly OrderedDictionary<string, (double Sum, long Count)> _sums = [];

    /// <summary>Adds the value of one step.</summary>
    public void Add(string name, double value)
    {
        (double sum, long count) = _sums.GetValueOrDefault(name);
        _sums[name] = (sum + value, count + 1);
    }

    /// <summary>The mean of each measure over the steps that gave it.</summary>
    public IReadOnlyList<(string Name, double Mean)> Means() => [.. _sums.Select(entry => (entry.Key, entry.Value.Sum / entry.Value.Count))];

    /// <summary>Begins anew.</summary>
    public void Clear() => _sums.Clear();

    /// <summary>What <see cref="FromJson"/> reads back, to the last bit.</summary>
    public JsonObject ToJson() =>
        new(_sums.Select(entry => KeyValuePair.Create(entry.Key, (JsonNode?)new JsonObject { ["sum"] = entry.Value.Sum, ["count"] = entry.Value.Count })));

    /// <exception cref="FormatException">The object is not what <see cref="ToJson"/> wrote.</exception>
    public static MeasureSums FromJson(JsonElement json)
    {
        MeasureSums sums = new();
        foreach (JsonProperty entry in json.EnumerateObject())
        {
            sums._sums[entry.Name] = (entry.Value.Number("sum"), entry.Value.WholeNumber("count"));
        }

        return sums;
    }
}
