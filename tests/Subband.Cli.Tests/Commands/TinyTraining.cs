using System.Text.Json.Nodes;

namespace Subband.Cli.Tests.Commands;

/// <summary>A training of a tiny LAPGAN that takes about a second.</summary>
internal static class TinyTraining
{
    public const string Preset = "lapgan-cifar10-paper";

    public const string Data = "synthetic:leaves#size=16";

    /// <summary>Steps of 32 images on one thread, a report for each second one, a checkpoint for each third.</summary>
    public static string[] Settings { get; } =
    [
        .. Set("pyramid.sizes=16,8"),
        .. Set("band.generatorWidths=4"),
        .. Set("band.discriminatorWidths=4"),
        .. Set("base.generatorWidths=16,16"),
        .. Set("base.discriminatorWidths=16,16"),
        .. Set("normalization=range"),
        .. Set("training.batchSize=32"),
        .. Set("training.reportKimg=0.064"),
        .. Set("training.checkpointKimg=0.096"),
        .. Set("training.sampleKimg=0.16"),
        "--threads", "1",
    ];

    /// <summary>The arguments that begin it in a folder, ten steps unless told otherwise.</summary>
    public static string[] In(string folder, params string[] more) => InFor(folder, "0.32", more);

    /// <summary>The same for another number of kimg.</summary>
    public static string[] InFor(string folder, string kimg, params string[] more) =>
        ["train", Preset, "--data", Data, "--out", folder, "--kimg=" + kimg, .. Settings, .. more];

    /// <summary>The arguments that go on with it.</summary>
    public static string[] GoOn(string folder, params string[] more) => ["train", "--resume", "--out", folder, .. more];

    /// <summary>The weights of the newest checkpoint of a run, and those of its optimisers.</summary>
    public static (byte[] Model, byte[] Optimizer) End(string folder)
    {
        string newest = Directory.GetDirectories(Path.Combine(folder, "checkpoints"))
            .MaxBy(path => (long)JsonNode.Parse(File.ReadAllText(Path.Combine(path, "state.json")))!["step"]!)!;
        return (File.ReadAllBytes(Path.Combine(newest, "model.safetensors")), File.ReadAllBytes(Path.Combine(newest, "optimizer.safetensors")));
    }

    /// <summary>The JSON objects of an output, one a line.</summary>
    public static JsonNode[] Events(string output) =>
        [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!)];

    private static string[] Set(string setting) => ["--set", setting];
}
