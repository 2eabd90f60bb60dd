using Subband.Imaging;
using Subband.Models;
using Subband.Models.Lapgan;
using Subband.Training;

namespace Subband.Tests.Training;

/// <summary>Every kind of LAPGAN, made small, in a run that is stopped after each step.</summary>
public sealed class LapganRunTests : IDisposable
{
    private static readonly string[] Smaller =
    [
        "base.generatorWidths=8,8", "base.discriminatorWidths=8,8", "band.generatorWidths=8", "band.discriminatorWidths=8",
        "training.batchSize=12", "training.kimg=0.048", "training.checkpointKimg=1", "training.reportKimg=0.024", "training.sampleKimg=1",
        "pyramid.sizes=10,4", "pyramid.cropFrom=0",
    ];

    private readonly TemporaryFolder _folder = new(inMemory: true);
    private readonly LapganFamily _family = new();

    public static TheoryData<string> Presets => [.. new LapganFamily().Presets.Select(preset => preset.Name)];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Presets))]
    public void A_stopped_run_ends_with_the_bytes_of_one_that_was_not(string preset)
    {
        Assert.SkipUnless(ImageFile.IsAvailable(out string reason), reason);
        ModelSettings settings = SmallerSettings(preset);
        Train(_folder["whole"], preset, settings, stopAfter: int.MaxValue);
        for (int step = 1; step < 4; step++)
        {
            Train(_folder["stopped"], preset, settings, stopAfter: 1);
        }

        Train(_folder["stopped"], preset, settings, stopAfter: int.MaxValue);
        TinyRun.AssertSameEnd(_folder["whole"], _folder["stopped"]);

        using ModelFile model = ModelFile.Open(Path.Combine(TinyRun.Newest(_folder["stopped"]), "model.safetensors"));
        Assert.Equal(preset, model.Preset);
    }

    private ModelSettings SmallerSettings(string preset)
    {
        IEnumerable<string> withoutBands = Smaller.Where(change => !change.StartsWith("band.", StringComparison.Ordinal));
        string[] changes = preset switch
        {
            "lapgan-cifar10" => [.. Smaller, "base.generatorWidths=8", "base.discriminatorWidths=8"],
            "lapgan-cifar10-paper-28" => [.. Smaller, "band.kernels=7"],
            // Its grouped filters have fixed widths, and its kernels need more than 12 pixels.
            "lapgan-lsun-paper" => [.. withoutBands, "pyramid.sizes=16,8"],
            "gan-cifar10-paper" => [.. withoutBands, "pyramid.sizes=8"],
            _ => Smaller,
        };
        return changes.Aggregate(_family.Presets.Single(found => found.Name == preset).Settings, SettingsTree.Apply);
    }

    private void Train(string path, string preset, ModelSettings settings, int stopAfter) =>
        TinyRun.TrainPreset(path, _family, preset, settings, stopAfter);
}
