using System.Globalization;
using Subband.Models;
using Subband.Torch;

namespace Subband.Upscaling;

/// <summary>How large a tile may be, from what the model needs and what the machine has.</summary>
/// <param name="BytesAPixel">What the model needs for each pixel of the small image.</param>
/// <param name="TileBytes">What a tile may take.</param>
/// <param name="WholeBytes">What an image may take that should not be cut.</param>
internal readonly record struct TileMemory(double BytesAPixel, long TileBytes, long WholeBytes)
{
    private const int ProbeSide = 48;
    private const long MostTileBytes = 256L << 20;

    // A guess for devices that are not measured: 64 channels of single precision, a dozen of them alive, at the new size.
    private const double GuessedBytes = 64 * 4 * 12;

    /// <summary>Measures a model on a small tile.</summary>
    /// <param name="model">The model.</param>
    /// <param name="scale">One of its scales.</param>
    /// <param name="device">Where it computes.</param>
    public static TileMemory Measure(IUpscaler model, int scale, Device device)
    {
        long available = AvailableBytes();
        return new TileMemory(
            Math.Max(BytesOf(model, scale, device), 12.0 * scale * scale), Math.Min(MostTileBytes, available / 4), available / 2);
    }

    private static double BytesOf(IUpscaler model, int scale, Device device)
    {
        if (device.Type != DeviceType.Cpu)
        {
            return GuessedBytes * scale * scale;
        }

        using TensorScope scope = new();
        using GradMode noGradients = Autograd.NoGrad();
        Tensor grey = Tensor.Full([1, 3, ProbeSide, ProbeSide], 0.5, DType.Float32, device);
        _ = model.Upscale(grey, scale); // which for once prepares filters
        Engine.ResetPeakMemory();
        long before = Engine.Memory().LiveBytes;
        _ = model.Upscale(grey, scale);

        // Twice, for what the convolutions take past the allocator that counts.
        return 2.0 * (Engine.Memory().PeakLiveBytes - before) / (ProbeSide * ProbeSide);
    }

    /// <summary>The memory that may still be taken without others giving way.</summary>
    public static long AvailableBytes()
    {
        GCMemoryInfo info = GC.GetGCMemoryInfo();
        long limit = info.TotalAvailableMemoryBytes;
        const string Kernel = "/proc/meminfo";
        if (!File.Exists(Kernel))
        {
            return limit / 2;
        }

        string? line = File.ReadLines(Kernel).FirstOrDefault(l => l.StartsWith("MemAvailable:", StringComparison.Ordinal));
        string[] words = line?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [];
        return words.Length >= 2 && long.TryParse(words[1], CultureInfo.InvariantCulture, out long kibibytes)
            ? Math.Min(limit, kibibytes << 10)
            : limit / 2;
    }
}
