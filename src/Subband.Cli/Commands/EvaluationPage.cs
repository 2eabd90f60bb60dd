using System.Globalization;
using Subband.Cli.Common;
using Subband.Evaluation;
using Subband.Metrics;

namespace Subband.Cli.Commands;

/// <summary>What <c>subband evaluate</c> found, for people and for programs: every number with what it takes to read it.</summary>
internal sealed record EvaluationPage(
    string Model,
    string Preset,
    string Data,
    int Refused,
    string? Validation,
    ulong Seed,
    FrechetScore? Distance,
    ParzenReport? Likelihood)
{
    /// <summary>Lays the numbers out for people.</summary>
    public void Write(TextWriter output)
    {
        TextTable table = new(2);
        table.Add("model", $"{Model} ({Preset}), seed {Seed}");
        table.Add("data", Refused == 0 ? Data : $"{Data}; {Texts.Count(Refused, "file")} refused");
        AddDistance(table);
        AddLikelihood(table);
        table.Write(output);
    }

    /// <summary>The same for programs.</summary>
    public EvaluationResult ToResult() => new(
        Model,
        Preset,
        Data,
        Refused,
        Seed,
        Distance?.Value,
        Distance is null ? null : new FrechetProtocol(
            Distance.Protocol.Network, Distance.Protocol.Dimensions, Distance.Protocol.Input, Distance.Protocol.Weights, Distance.FirstCount, Distance.SecondCount),
        Likelihood is null ? null : ParzenResult.Of(Likelihood, Validation));

    private string ValidationText => Validation ?? $"every {Ordinal(ParzenEvaluation.HeldOutOf)} of the data, not tested on";

    private static string Ordinal(int number) => string.Create(CultureInfo.InvariantCulture, $"{number}th");

    private void AddDistance(TextTable table)
    {
        if (Distance is null)
        {
            return;
        }

        table.Add("", "");
        table.Add("fd", Number(Distance.Value, "0.000"));
        table.Add("", $"{Texts.Count(Distance.FirstCount, "sample")} against {Texts.Count(Distance.SecondCount, "true image")}; not an FID, see docs/frechet-distance.md");
        table.Add("", $"{Distance.Protocol.Network}, {Distance.Protocol.Dimensions} numbers an image; weights {Distance.Protocol.Weights}");
        table.Add("", $"input {Distance.Protocol.Input}");
        if (Distance.HasFewImages)
        {
            table.Add("", $"too few images to compare with other figures: more than {Distance.Protocol.Dimensions} a side are needed");
        }
    }

    private void AddLikelihood(TextTable table)
    {
        if (Likelihood is not { } parzen)
        {
            return;
        }

        table.Add("", "");
        table.Add("parzen", $"{parzen.Test}, mean ± deviation over {Texts.Count(parzen.Test.Images, "test image")}; pixels of [0,1]");
        table.Add("", $"{parzen.Test.InUnitsOf(parzen.PixelDeviation)} for pixels in units of their deviation, {Number(parzen.PixelDeviation, "0.0000")}");
        table.Add("", $"{Texts.Count(parzen.Samples, "sample")}; width {Number(parzen.Width.Value, "0.0000")}, chosen on {Texts.Count(parzen.Validation, "image")}: {ValidationText}");
        if (parzen.MultiScale is { } scales)
        {
            table.Add("multi-scale", $"{scales.Test}, over {Texts.Count(scales.Test.Images, "test image")}; pixels of [0,1]");
            table.Add("", $"{scales.Test.InUnitsOf(parzen.PixelDeviation)} for pixels in units of their deviation");
            foreach ((ParzenScore factor, int side) in scales.Factors.Zip(scales.Sides))
            {
                string what = side == scales.Sides[^1] ? $"image {side}x{side}" : $"band {side}x{side}";
                table.Add("", $"{what}: {factor.Test} in the model's units; width {Number(factor.Width.Value, "0.0000")}, {Texts.Count(factor.Samples, "sample")}");
            }
        }
        else
        {
            table.Add("multi-scale", $"none: {parzen.WhyNotMultiScale}");
        }

        table.Add("", "says little about how samples look, see docs/parzen.md");
    }

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
