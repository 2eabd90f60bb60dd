using System.Text.Json;
using System.Text.Json.Serialization;

namespace Subband.Data;

/// <summary>What is in a source, as <c>subband data info</c> shows it.</summary>
/// <param name="Source">The source in full.</param>
/// <param name="Fingerprint">See <see cref="IImageSource.Fingerprint"/>.</param>
/// <param name="Count">How many images there are, refused ones not counted; null for a source without end.</param>
/// <param name="Examined">How many were decoded for this report: all, or of a source without end the first few.</param>
/// <param name="Classes">The classes, in the order of their labels; empty where nothing is labelled.</param>
/// <param name="LabelsFrom">The file that says so, such as <c>dataset.json</c>; null where none does.</param>
/// <param name="Splits">The parts with their classes; empty where the source is not divided.</param>
/// <param name="Unlabelled">How many images have no class.</param>
/// <param name="Formats">How the images are stored, the most frequent first.</param>
/// <param name="Smallest">The least width and the least height that occur.</param>
/// <param name="Largest">The greatest width and the greatest height that occur.</param>
/// <param name="Sizes">How often each size occurs, the most frequent first.</param>
/// <param name="Refused">Every file or record that is not used.</param>
public sealed record DataReport(
    string Source,
    string Fingerprint,
    long? Count,
    long Examined,
    IReadOnlyList<NamedCount> Classes,
    string? LabelsFrom,
    IReadOnlyList<SplitCount> Splits,
    long Unlabelled,
    IReadOnlyList<NamedCount> Formats,
    ImageSize Smallest,
    ImageSize Largest,
    IReadOnlyList<SizeCount> Sizes,
    IReadOnlyList<RefusedItem> Refused)
{
    /// <summary>The report as JSON, with camelCase names.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, DataJson.Default.DataReport);
}

/// <summary>How often something occurs.</summary>
/// <param name="Name">What.</param>
/// <param name="Count">How often.</param>
public sealed record NamedCount(string Name, long Count);

/// <summary>A split and what is in it.</summary>
/// <param name="Name">The split.</param>
/// <param name="Count">How many images it has.</param>
/// <param name="Classes">How many of each class, in the order of the labels.</param>
public sealed record SplitCount(string Name, long Count, IReadOnlyList<NamedCount> Classes);

/// <summary>The size of an image in pixels.</summary>
/// <param name="Width">Its width.</param>
/// <param name="Height">Its height.</param>
public readonly record struct ImageSize(int Width, int Height);

/// <summary>How often a size occurs.</summary>
/// <param name="Width">Width in pixels.</param>
/// <param name="Height">Height in pixels.</param>
/// <param name="Count">How many images have it.</param>
public sealed record SizeCount(int Width, int Height, long Count);

/// <summary>What this namespace writes as JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(DataReport))]
[JsonSerializable(typeof(string[]))]
internal sealed partial class DataJson : JsonSerializerContext;
