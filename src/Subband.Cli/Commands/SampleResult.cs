using System.Text.Json.Serialization;
using Subband.Cli.Common;

namespace Subband.Cli.Commands;

/// <summary>What <c>subband sample</c> has made.</summary>
/// <param name="Model">What was typed for the model.</param>
/// <param name="Preset">The preset it was trained with.</param>
/// <param name="Seed">Where the random numbers started.</param>
/// <param name="Count">How many samples were made, or how many rows a sheet has.</param>
/// <param name="Class">The class that was asked for; null for all in turn, or for a model without classes.</param>
/// <param name="Sheet">The sheet that was written, if any.</param>
/// <param name="Files">The single files that were written.</param>
/// <param name="Neighbours">For each sample its nearest training images, where they were asked for.</param>
internal sealed record SampleResult(
    string Model,
    string Preset,
    ulong Seed,
    int Count,
    string? Class,
    string? Sheet,
    IReadOnlyList<string> Files,
    IReadOnlyList<IReadOnlyList<NeighbourResult>>? Neighbours);

/// <summary>A training image near a sample.</summary>
/// <param name="Name">Its place in the source.</param>
/// <param name="Distance">The root mean square difference in grey levels of 0 to 255.</param>
/// <param name="Mirrored">Whether its mirror image is nearer, to which the distance is told.</param>
internal sealed record NeighbourResult(string Name, double Distance, bool Mirrored);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(SampleResult))]
internal sealed partial class SampleJson : JsonSerializerContext;

/// <summary>Tells people what was made.</summary>
internal static class SamplePage
{
    /// <summary>Writes the page.</summary>
    public static void Write(TextWriter output, SampleResult result)
    {
        string of = $"{result.Preset}, {(result.Class is null ? "" : $"class {result.Class}, ")}seed {result.Seed}";
        if (result.Sheet is not null)
        {
            output.WriteLine($"{result.Sheet}: {of}");
        }

        if (result.Files.Count > 0)
        {
            output.WriteLine($"{Path.GetDirectoryName(result.Files[0])}: {Texts.Count(result.Files.Count, "file")}, {of}");
        }

        if (result.Neighbours is { } all)
        {
            double least = all.Min(near => near[0].Distance);
            NeighbourResult closest = all.Select(near => near[0]).First(near => near.Distance == least);
            output.WriteLine(FormattableString.Invariant(
                $"The nearest of all is {closest.Name}, {least:0.0} grey levels away (root mean square over all pixels{(closest.Mirrored ? ", mirrored" : "")})."));
        }
    }
}
