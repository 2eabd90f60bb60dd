using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Subband.Cli.Common;
using Subband.Upscaling;

namespace Subband.Cli.Commands;

/// <summary>Tells what becomes of the photographs of a batch, a line each, and at the end of all.</summary>
internal sealed class UpscaleReport(Invocation run, bool inJson)
{
    private readonly Stopwatch _watch = Stopwatch.StartNew();

    /// <summary>How far a batch is, for the bar.</summary>
    public static WorkDone Describe(UpscaleProgress progress)
    {
        string rate = progress.MegapixelsPerSecond > 0
            ? string.Create(CultureInfo.InvariantCulture, $", {progress.MegapixelsPerSecond:0.##} megapixels a second") : "";
        string left = progress.SecondsLeft is { } seconds ? $", {Texts.Duration(seconds)} left" : "";
        return new WorkDone(
            "Enlarging", progress.DoneBytes, progress.TotalBytes, WorkDone.Bytes,
            $"{Math.Min(progress.Finished + 1, progress.Count)} of {Texts.Count(progress.Count, "photograph")}{rate}{left}");
    }

    /// <summary>Tells of one photograph.</summary>
    public void Tell(UpscaleOutcome outcome)
    {
        foreach (string note in outcome.Result?.Notes ?? [])
        {
            run.Say($"note: {outcome.Job.Input}: {note}");
        }

        if (outcome.Error is { } error)
        {
            run.Say($"subband: {error}");
        }

        if (inJson)
        {
            run.Out.WriteLine(JsonSerializer.Serialize(UpscaleLine.Of(outcome), UpscaleJson.Default.UpscaleLine));
            run.Out.Flush();
        }
        else if (outcome.Result is { } result)
        {
            string portions = result.TileWidth == 0 ? "" : $", {result.TileWidth}x{result.TileHeight} pixels at a time";
            string deviation = result.Deviation is { } levels ? $", shrunk again off by {Texts.Count(levels, "grey level")} at most" : "";
            run.Out.WriteLine($"{outcome.Job.Output}: {result.Width}x{result.Height}{portions}{deviation}, {Texts.Duration(outcome.Seconds)}");
        }
    }

    /// <summary>Tells of all.</summary>
    public void Close(IReadOnlyList<UpscaleOutcome> outcomes)
    {
        int Of(UpscaleStatus status) => outcomes.Count(outcome => outcome.Status == status);
        double megapixels = outcomes.Sum(outcome => outcome.Result is { } result ? result.Width * (double)result.Height / 1e6 : 0);
        double seconds = _watch.Elapsed.TotalSeconds;
        string text = string.Create(
            CultureInfo.InvariantCulture,
            $"{Of(UpscaleStatus.Done)} done, {Of(UpscaleStatus.Skipped)} skipped (finished before), {Of(UpscaleStatus.Failed)} failed; "
            + $"{megapixels:0.##} megapixels in {Texts.Duration(seconds)}");
        if (inJson)
        {
            run.Say(text);
        }
        else
        {
            run.Out.WriteLine(text);
        }
    }
}

/// <summary>What <c>subband upscale --json</c> prints of one photograph.</summary>
internal sealed record UpscaleLine(
    string Input,
    string Output,
    string Status,
    int? Width,
    int? Height,
    int? Factor,
    string? Tile,
    int? Deviation,
    double Seconds,
    IReadOnlyList<string>? Notes,
    string? Error)
{
    /// <summary>The line of an outcome.</summary>
    public static UpscaleLine Of(UpscaleOutcome outcome) => new(
        outcome.Job.Input,
        outcome.Job.Output,
        outcome.Status.ToString().ToLowerInvariant(),
        outcome.Result?.Width,
        outcome.Result?.Height,
        outcome.Result?.Factor,
        outcome.Result is { TileWidth: > 0 } result ? $"{result.TileWidth}x{result.TileHeight}" : null,
        outcome.Result?.Deviation,
        Math.Round(outcome.Seconds, 3),
        outcome.Result?.Notes is { Count: > 0 } notes ? notes : null,
        outcome.Error);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(UpscaleLine))]
internal sealed partial class UpscaleJson : JsonSerializerContext;
