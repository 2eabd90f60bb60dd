using BenchmarkDotNet.Attributes;
using NetVips;
using Subband.Imaging;

namespace Subband.Benchmarks;

/// <summary>
/// Bicubic resizing of a picture of 24 megapixels beside libvips' own, both on two threads: <c>dotnet run -c Release --project
/// bench/Subband.Benchmarks -- --filter '*Resampling*'</c>. libvips reads the pixels from memory and writes them there, as we do.
/// </summary>
[MemoryDiagnoser]
public class ResamplingBenchmarks
{
    private const int Width = 6000;
    private const int Height = 4000;

    private static readonly Resampling Bicubic = new(ResamplingKernel.Bicubic);

    private readonly byte[] _pixels = new byte[3 * Width * Height];
    private Rgb8Image _picture = null!;

    /// <summary>New pixels to an old one, along each axis.</summary>
    [Params(0.5, 2)]
    public double Factor { get; set; }

    [GlobalSetup]
    public void Begin()
    {
        NetVips.NetVips.Concurrency = 2;
        for (int i = 0; i < _pixels.Length; i++)
        {
            _pixels[i] = (byte)((i * 2654435761L) >> 13);
        }

        _picture = new Rgb8Image(Width, Height, _pixels);
    }

    [Benchmark]
    public int Ours() => Resampler.Resize(_picture, (int)(Width * Factor), (int)(Height * Factor), Bicubic).Pixels.Length;

    [Benchmark(Baseline = true)]
    public int Vips()
    {
        using Image image = Image.NewFromMemory(_pixels, Width, Height, 3, Enums.BandFormat.Uchar);
        using Image resized = image.Resize(Factor, kernel: Enums.Kernel.Cubic);
        return resized.WriteToMemory<byte>().Length;
    }
}
