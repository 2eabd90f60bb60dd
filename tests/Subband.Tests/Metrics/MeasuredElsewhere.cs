using System.Text.Json;
using Subband.Torch;

namespace Subband.Tests.Metrics;

/// <summary>The numbers of Golden/make_golden.py, and the arrays that both sides make by the same formula.</summary>
internal static class MeasuredElsewhere
{
    private static readonly JsonElement Numbers = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(
        TestData.RepositoryRoot, "tests", "Subband.Tests", "Metrics", "Golden", "golden.json"))).RootElement;

    public static JsonElement Section(string name) => Numbers.GetProperty(name);

    public static double Number(this JsonElement section, string name) => section.GetProperty(name).GetDouble();

    public static double[] Doubles(this JsonElement section, string name) =>
        [.. section.GetProperty(name).EnumerateArray().Select(e => e.GetDouble())];

    /// <summary>SplitMix64 from a seed, in [0, 1), row by row: float64 [rows, columns].</summary>
    public static Tensor Uniforms(ulong seed, int rows, int columns)
    {
        var values = new double[rows * columns];
        for (var i = 0; i < values.Length; i++)
        {
            seed += 0x9E3779B97F4A7C15;
            var z = (seed ^ (seed >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            values[i] = ((z ^ (z >> 31)) >> 11) * Math.ScaleB(1, -53);
        }

        return Tensor.From(values, rows, columns);
    }
}
