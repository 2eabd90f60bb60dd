using System.Text.Json.Nodes;
using Subband.Models;
using Subband.Training;
using Subband.TrainingHost;

namespace Subband.Tests.Training;

/// <summary>Trains the tiny model in a folder, within this process.</summary>
internal static class TinyRun
{
    /// <summary>Four steps of 24 images with a checkpoint after each second one, of which one is kept.</summary>
    public static TinySettings Short { get; } = TinyFamily.Settings with
    {
        Training = TinyFamily.Settings.Training with
        {
            Kimg = 0.096,
            CheckpointKimg = 0.048,
            SampleKimg = 0.048,
            ReportKimg = 0.024,
            KeepCheckpoints = 1,
        },
    };

    /// <summary>Begins the run or, where there is one, goes on with it.</summary>
    public static List<TrainingEvent> Train(
        string folder,
        TinySettings? settings = null,
        Action<TrainingEvent>? tell = null,
        TinySource? source = null,
        CancellationTokenSource? stop = null)
    {
        using TinySource own = new();
        List<TrainingEvent> events = [];
        using RunFolder run = RunFolder.IsRun(folder)
            ? RunFolder.Open(folder, TinyFamily.Find)
            : RunFolder.Create(folder, Program.Config(own, settings ?? Short));
        if (settings is not null)
        {
            run.Update(run.Config with { Settings = settings });
        }

        TrainingSession.Run(
            run,
            new TinyFamily(),
            source ?? own,
            what =>
            {
                events.Add(what);
                tell?.Invoke(what);
            },
            stop?.Token ?? TestContext.Current.CancellationToken);
        return events;
    }

    /// <summary>
    /// Begins a run of a preset, made small, on tiny images or, where there is one, goes on with it; and stops it after some of its
    /// steps, if it has as many.
    /// </summary>
    public static void TrainPreset(string folder, IModelFamily family, string preset, ModelSettings settings, int stopAfter = int.MaxValue)
    {
        using TinySource source = new();
        using RunFolder run = RunFolder.IsRun(folder)
            ? RunFolder.Open(folder, ModelRegistry.Family)
            : RunFolder.Create(folder, Program.Config(source, settings) with { Family = family.Name, Preset = preset });
        run.Update(run.Config with { Settings = settings });
        using CancellationTokenSource stop = new();
        bool isStopped = false;
        try
        {
            TrainingSession.Run(
                run,
                family,
                source,
                what =>
                {
                    if (what is TrainingStepped && --stopAfter == 0)
                    {
                        stop.Cancel();
                    }
                },
                stop.Token);
        }
        catch (OperationCanceledException)
        {
            isStopped = true;
        }

        Assert.Equal(stopAfter <= 0, isStopped);
    }

    /// <summary>Asserts that two runs came to the same end: checkpoint, metrics and sheets, but for the times in them.</summary>
    public static void AssertSameEnd(string expected, string actual)
    {
        foreach (string name in new[] { Checkpoint.ModelName, Checkpoint.OptimizerName })
        {
            Assert.Equal(File.ReadAllBytes(Path.Combine(Newest(expected), name)), File.ReadAllBytes(Path.Combine(Newest(actual), name)));
        }

        Assert.Equal(StateWithoutTime(Newest(expected)), StateWithoutTime(Newest(actual)));
        Assert.Equal(MetricsWithoutTimes(expected), MetricsWithoutTimes(actual));
        foreach (string sheet in Directory.EnumerateFiles(Path.Combine(expected, "samples")))
        {
            Assert.Equal(File.ReadAllBytes(sheet), File.ReadAllBytes(Path.Combine(actual, "samples", Path.GetFileName(sheet))));
        }
    }

    /// <summary>The newest checkpoint, after a look at every byte.</summary>
    public static string Newest(string folder) => RunFolder.CheckpointsOf(folder).Newest()!.Path;

    /// <summary>What the lines of the metrics say of the training, without speed, memory and time.</summary>
    public static string[] MetricsWithoutTimes(string folder) =>
        [.. File.ReadAllLines(Path.Combine(folder, "metrics.jsonl")).Select(line =>
        {
            JsonNode json = JsonNode.Parse(line)!;
            return $"{json["step"]} {json["kimg"]} {json["measures"]!.ToJsonString()}";
        })];

    /// <summary>Copies a folder with all that is in it.</summary>
    public static void Copy(string from, string to)
    {
        _ = Directory.CreateDirectory(to);
        foreach (string folder in Directory.EnumerateDirectories(from))
        {
            Copy(folder, Path.Combine(to, Path.GetFileName(folder)));
        }

        foreach (string file in Directory.EnumerateFiles(from).Where(file => Path.GetFileName(file) != RunLock.FileName))
        {
            using FileStream source = new(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using FileStream target = File.Create(Path.Combine(to, Path.GetFileName(file)));
            source.CopyTo(target);
        }
    }

    private static string StateWithoutTime(string checkpoint)
    {
        JsonObject state = JsonNode.Parse(File.ReadAllText(Path.Combine(checkpoint, Checkpoint.StateName)))!.AsObject();
        Assert.True(state.Remove("seconds"));
        return state.ToJsonString();
    }
}
