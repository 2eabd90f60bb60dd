namespace Subband.Torch.Tests;

/// <summary>
/// Tests that read or change what belongs to the whole process: counters of tensors and memory, the cache limit. They run
/// one after the other, and beside no other test.
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class ProcessWide
{
    public const string Name = "process-wide";
}
