using System.Text.Json.Nodes;
using Subband.Training;
using Subband.TrainingHost;

namespace Subband.Tests.Training;

/// <summary>The share of the time that went by waiting for images, as it stands in <c>metrics.jsonl</c>.</summary>
public sealed class DataWaitTests : IDisposable
{
    private const int BatchSize = 4;
    private const int Ahead = 3; // the batches that one data thread makes in advance

    private readonly TemporaryFolder _folder = new(inMemory: true);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void It_is_large_where_images_come_slowly()
    {
        using TinySource slow = new() { Reading = () => Thread.Sleep(10) };
        Assert.InRange(Shares(slow, _ => { }).Max(), 0.8, 1);
    }

    [Fact]
    public void It_is_small_where_images_lie_ready()
    {
        int read = 0;
        using TinySource fast = new() { Reading = () => Interlocked.Increment(ref read) };
        int steps = 0;
        Assert.InRange(Shares(fast, AwaitNextBatches).Min(), 0, 0.2);

        // Holds each step up until all batches that are made in advance are there, and nothing is left to do for the data thread.
        void AwaitNextBatches(TrainingEvent what)
        {
            if (what is TrainingStepped)
            {
                int batches = ++steps + Ahead;
                Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref read) == batches * BatchSize, TimeSpan.FromMinutes(1)));
                Thread.Sleep(5);
            }
        }
    }

    // Of each of five steps: on a busy machine any may be held up. In a run that goes on, as a new one first reads all images.
    private IEnumerable<double> Shares(TinySource source, Action<TrainingEvent> tell)
    {
        _ = TinyRun.Train(_folder["run"], Steps(1));
        _ = TinyRun.Train(_folder["run"], Steps(6), tell, source);
        return File.ReadAllLines(_folder["run/metrics.jsonl"]).Skip(1).Select(line => (double)JsonNode.Parse(line)!["dataWaitShare"]!);
    }

    private static TinySettings Steps(int count) => TinyFamily.Settings with
    {
        Channels = 64,
        Training = TinyFamily.Settings.Training with
        {
            BatchSize = BatchSize,
            Kimg = count * BatchSize / 1000.0,
            ReportKimg = BatchSize / 1000.0,
            DataThreads = 1,
        },
    };
}
