using Subband.Torch;
using Subband.Training;
using Subband.TrainingHost;

namespace Subband.Tests.Training;

/// <summary>Counts what the whole process holds, and therefore runs alone.</summary>
[CollectionDefinition(nameof(TrainingMemoryTests), DisableParallelization = true)]
[Collection(nameof(TrainingMemoryTests))]
public sealed class TrainingMemoryTests : IDisposable
{
    private readonly TemporaryFolder _folder = new(inMemory: true);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_thousand_steps_with_their_reports_sheets_and_checkpoints_leave_memory_flat()
    {
        long lost = Engine.LostTensors;
        List<(long Tensors, long Bytes)> counts = [];
        int steps = 0;
        long before = Engine.LiveTensors;
        _ = TinyRun.Train(
            _folder["a"],
            TinyFamily.Settings with
            {
                Training = TinyFamily.Settings.Training with { Kimg = 24, CheckpointKimg = 2.4, SampleKimg = 2.4, ReportKimg = 0.24 },
            },
            what =>
            {
                if (what is TrainingStepped && ++steps % 200 == 0)
                {
                    counts.Add((Engine.LiveTensors, Engine.Memory().LiveBytes));
                }
            });
        Assert.Equal(5, counts.Count);
        Assert.All(counts, count => Assert.Equal(counts[0], count));
        Assert.Equal(before, Engine.LiveTensors);
        Assert.Equal(lost, Engine.LostTensors);
    }
}
