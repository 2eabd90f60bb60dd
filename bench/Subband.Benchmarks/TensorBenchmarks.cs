using BenchmarkDotNet.Attributes;
using Subband.Torch;

namespace Subband.Benchmarks;

/// <summary>
/// What a call costs: <c>dotnet run -c Release --project bench/Subband.Benchmarks -- --filter '*Tensor*'</c>, with the
/// variable <c>SUBBAND_NATIVE</c> naming the native library.
/// </summary>
[MemoryDiagnoser]
public class TensorBenchmarks
{
    private Tensor _left = null!;
    private Tensor _right = null!;

    /// <summary>Rows and columns; at 1 the time is that of the call alone.</summary>
    [Params(1, 128)]
    public int Side { get; set; }

    [GlobalSetup]
    public void Begin()
    {
        Engine.Threads = 1;
        _left = Tensor.Ones([Side, Side]);
        _right = Tensor.Ones([Side, Side]);
    }

    [GlobalCleanup]
    public void End()
    {
        _left.Dispose();
        _right.Dispose();
    }

    /// <summary>One sum, freed at once.</summary>
    [Benchmark(Baseline = true)]
    public void Add() => (_left + _right).Dispose();

    /// <summary>One sum in a scope of its own.</summary>
    [Benchmark]
    public void AddInScope()
    {
        using var scope = new TensorScope();
        _ = _left + _right;
    }

    /// <summary>A sum in place, which makes no tensor.</summary>
    [Benchmark]
    public void AddInPlace() => _left.AddInPlace(_right, 1e-6);
}
