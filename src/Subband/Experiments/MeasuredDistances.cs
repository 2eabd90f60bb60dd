using System.Text.Json.Nodes;
using Subband.Torch;
using Subband.Torch.Serialization;
using Subband.Training;

namespace Subband.Experiments;

/// <summary>
/// Distances that were measured before, in a file: a measurement takes minutes, and neither an interruption nor a longer training should take
/// it again.
/// </summary>
internal sealed class MeasuredDistances
{
    private readonly string _path;
    private readonly JsonObject _known;

    /// <summary>Reads the file, if it is there.</summary>
    /// <param name="path">Where it is kept.</param>
    /// <exception cref="SubbandException">It cannot be read, or is damaged.</exception>
    public MeasuredDistances(string path)
    {
        _path = path;
        try
        {
            _known = File.Exists(path) ? JsonNode.Parse(TextFile.Read(path)) as JsonObject ?? [] : [];
        }
        catch (System.Text.Json.JsonException error)
        {
            throw new SubbandException($"{path} is damaged: {error.Message.TrimEnd('.')}. Remove it, to measure anew.", error);
        }
    }

    /// <summary>A distance, measured now unless it was before.</summary>
    /// <param name="key">All that it depends on.</param>
    /// <param name="measure">Measures it.</param>
    public double Get(string key, Func<double> measure)
    {
        if (_known[key] is JsonValue value && value.TryGetValue(out double known))
        {
            return known;
        }

        var distance = measure();
        _known[key] = distance;
        AtomicFile.WriteAllText(_path, _known.ToIndentedText() + "\n");
        return distance;
    }
}
