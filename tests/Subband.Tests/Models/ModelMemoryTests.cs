using Subband.Models.Lapgan;
using Subband.Tests.Models.Lapgan;
using Subband.Torch;

namespace Subband.Tests.Models;

/// <summary>Counts what the whole process has lost, and therefore runs alone.</summary>
[CollectionDefinition(nameof(ModelMemoryTests), DisableParallelization = true)]
[Collection(nameof(ModelMemoryTests))]
public sealed class ModelMemoryTests : IDisposable
{
    private readonly TemporaryFolder _folder = new(inMemory: true);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("lapgan-cifar10")]
    [InlineData("lapgan-cifar10-paper")]
    public void A_model_loaded_outside_a_scope_loses_no_tensor(string preset)
    {
        string path = TinyLapgan.Write(_folder["model.safetensors"], preset, "pyramid.sizes=16,8");
        CollectAll();
        (long lost, long live) = (Engine.LostTensors, Engine.LiveTensors);
        LapganModel.Load(path).Dispose();
        CollectAll();
        Assert.Equal(lost, Engine.LostTensors);
        Assert.Equal(live, Engine.LiveTensors);
    }

    private static void CollectAll()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }
}
