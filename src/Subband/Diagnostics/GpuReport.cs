using Subband.Torch;

namespace Subband.Diagnostics;

/// <summary>A CUDA device.</summary>
/// <param name="Index">The number behind <c>cuda:</c>.</param>
/// <param name="Name">Its name.</param>
/// <param name="TotalBytes">Its memory in bytes.</param>
public sealed record GpuReport(int Index, string Name, long TotalBytes)
{
    internal static IReadOnlyList<GpuReport> Gather(EngineReport engine)
    {
        int count = engine.IsLoaded ? Engine.CudaDevices : 0;
        return [.. Enumerable.Range(0, count).Select(Describe)];
    }

    private static GpuReport Describe(int index)
    {
        var (name, bytes) = Engine.CudaDevice(index);
        return new GpuReport(index, name, bytes);
    }
}
