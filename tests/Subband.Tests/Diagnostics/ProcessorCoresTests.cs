using Subband.Diagnostics;

namespace Subband.Tests.Diagnostics;

public sealed class ProcessorCoresTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("0-7", new[] { "0,4", "1,5", "2,6", "3,7", "0,4", "1,5", "2,6", "3,7" }, 8, 4)] // two threads a core
    [InlineData("0-3", new[] { "0", "1", "2", "3" }, 4, 4)]
    [InlineData("0,2-3", new[] { "0-1", "0-1", "2-3", "2-3" }, 4, 2)] // taskset
    [InlineData("0-3", new[] { "0", "1", "2", "3" }, 2, 2)] // a container's share
    public void Cores_are_counted_once_whatever_their_threads(string allowed, string[] siblings, int most, int expected)
    {
        string status = _folder.Write("status", System.Text.Encoding.UTF8.GetBytes($"Name:\tx\nCpus_allowed_list:\t{allowed}\n"));
        for (int i = 0; i < siblings.Length; i++)
        {
            Directory.CreateDirectory(_folder[$"cpu{i}/topology"]);
            File.WriteAllText(_folder[$"cpu{i}/topology/thread_siblings_list"], siblings[i] + "\n");
        }

        Assert.Equal(expected, ProcessorCores.Count(status, _folder.Path, most));
    }

    [Fact]
    public void Where_linux_does_not_tell_every_thread_counts() =>
        Assert.Equal(6, ProcessorCores.Count(_folder["none"], _folder.Path, 6));

    [Fact]
    public void This_machine_has_at_least_one() => Assert.InRange(ProcessorCores.Count(), 1, Environment.ProcessorCount);
}
