using Subband.Torch.Tests;

[assembly: AssemblyFixture(typeof(ConstantCollector))]

namespace Subband.Torch.Tests;

/// <summary>
/// Where <see cref="Variable"/> names a file, a thread collects again and again while the tests run, and at the end the
/// number of collections is written to that file.
/// </summary>
public sealed class ConstantCollector : IDisposable
{
    /// <summary>Names the file.</summary>
    public const string Variable = "SUBBAND_TEST_COLLECTIONS";

    private readonly string? _path = Environment.GetEnvironmentVariable(Variable);
    private readonly CancellationTokenSource _stop = new();
    private readonly Thread? _thread;

    public ConstantCollector()
    {
        if (_path is not null)
        {
            _thread = new Thread(Collect);
            _thread.Start();
        }
    }

    public void Dispose()
    {
        _stop.Cancel();
        _thread?.Join();
        _stop.Dispose();
        if (_path is not null)
        {
            File.WriteAllText(_path, $"{GC.CollectionCount(0)}");
        }
    }

    private void Collect()
    {
        while (!_stop.IsCancellationRequested)
        {
            GC.Collect();
        }
    }
}
