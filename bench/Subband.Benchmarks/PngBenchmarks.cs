using BenchmarkDotNet.Attributes;
using NetVips;
using Subband.Imaging;

namespace Subband.Benchmarks;

/// <summary>
/// Writing a PNG file of an enlarged picture beside libvips' own writer at the level that came nearest: <c>dotnet run -c Release --project
/// bench/Subband.Benchmarks -- --filter '*Png*'</c>. How long the files are is printed at the beginning.
/// </summary>
public class PngBenchmarks
{
    private const int Width = 2400;
    private const int Height = 1600;

    private byte[] _pixels = [];
    private byte[] _described = [];

    [GlobalSetup]
    public void Begin()
    {
        Rgb8Image small = new DeadLeaves(Height / 4, Width / 4).Render(0);
        _pixels = Resampler.Resize(small, Width, Height, new Resampling(ResamplingKernel.Bicubic)).Pixels;
        using Image black = Image.Black(1, 1, 3);
        _described = black.PngsaveBuffer();
        Console.WriteLine($"{Width}x{Height}: {Ours() >> 10} KiB, libvips {Vips() >> 10} KiB");
    }

    [Benchmark]
    public long Ours()
    {
        using MemoryStream stream = new();
        using PngWriter writer = new(stream, Width, Height, channels: 3, depth: 8, _described);
        writer.Write(_pixels);
        writer.Finish();
        return stream.Length;
    }

    [Benchmark(Baseline = true)]
    public int Vips()
    {
        using Image image = Image.NewFromMemory(_pixels, Width, Height, 3, Enums.BandFormat.Uchar);
        return image.PngsaveBuffer(compression: 4, filter: Enums.ForeignPngFilter.Paeth).Length;
    }
}
