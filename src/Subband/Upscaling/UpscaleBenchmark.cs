using System.Diagnostics;
using Subband.Imaging;
using Subband.Models;
using Subband.Torch;

namespace Subband.Upscaling;

/// <summary>What enlargement is to be timed.</summary>
public sealed record UpscaleBenchmarkRequest
{
    /// <summary>What <see cref="UpscalingModels.Open"/> takes; or a preset, whose network is then timed untrained.</summary>
    public required string Model { get; init; }

    /// <summary>Width of the small picture in pixels.</summary>
    public int Width { get; init; } = 256;

    /// <summary>Height of the small picture in pixels.</summary>
    public int Height { get; init; } = 256;

    /// <summary>By how much to enlarge; the model's largest factor unless set.</summary>
    public int? Scale { get; init; }

    /// <summary>
    /// Whether the whole way is timed, from a PNG file through the tiles to a PNG file, as <see cref="PhotographUpscaler"/> goes it;
    /// otherwise the model alone, on the picture as a whole.
    /// </summary>
    public bool Files { get; init; }

    /// <summary>Where to compute; a CUDA device where there is one unless set.</summary>
    public DeviceType? Device { get; init; }

    /// <summary>How exactly to compute; what <see cref="UpscalingModels.Open"/> chooses unless set.</summary>
    public UpscalingPrecision? Precision { get; init; }

    /// <summary>How many threads compute; one a core unless set.</summary>
    public int? Threads { get; init; }

    /// <summary>For how long to begin with another picture; the first, which is not timed, comes before.</summary>
    public double Seconds { get; init; } = 10;
}

/// <summary>How fast a model enlarges.</summary>
/// <param name="Model">What it was called by.</param>
/// <param name="Width">Of the small picture.</param>
/// <param name="Height">Of the small picture.</param>
/// <param name="Scale">By how much it was enlarged.</param>
/// <param name="Files">Whether reading, tiles and writing were timed too.</param>
/// <param name="Device">Where it was computed.</param>
/// <param name="Precision">How exactly: <c>fp32</c>, <c>bf16</c> or <c>fast</c>.</param>
/// <param name="Threads">On how many threads.</param>
/// <param name="Subband">The version of Subband.</param>
/// <param name="Torch">The version of libtorch.</param>
/// <param name="Pictures">How many were timed.</param>
/// <param name="Seconds">What they took.</param>
/// <param name="MegapixelsPerSecond">Millions of new pixels a second.</param>
/// <param name="Gflops">
/// Billions of operations a second, of those that the picture as a whole needs by the definition of the layers (see
/// <see cref="ArithmeticCount"/>); what the overlap of tiles costs in addition does not count. 0 for an interpolation.
/// </param>
/// <param name="PeakMemoryBytes">The most main memory that the process has had at once (its peak resident set).</param>
public sealed record UpscaleSpeed(
    string Model,
    int Width,
    int Height,
    int Scale,
    bool Files,
    string Device,
    string Precision,
    int Threads,
    string Subband,
    string Torch,
    int Pictures,
    double Seconds,
    double MegapixelsPerSecond,
    double Gflops,
    long PeakMemoryBytes);

/// <summary>Times a model on a picture of fallen leaves.</summary>
public static class UpscaleBenchmark
{
    private const int CountedSide = 64;

    /// <summary>Enlarges for a while.</summary>
    /// <param name="request">What to time.</param>
    /// <param name="say">Told what is to be known about the model or the pictures.</param>
    /// <param name="tell">Is told, after each timed picture, how many there were and what they took; null for nobody.</param>
    /// <param name="stop">Stops after the picture.</param>
    /// <exception cref="UsageException">There is no such model, or it does not enlarge by this factor.</exception>
    /// <exception cref="SubbandException">The device is missing, or memory too small.</exception>
    /// <exception cref="OperationCanceledException">It was asked to stop.</exception>
    public static UpscaleSpeed Measure(
        UpscaleBenchmarkRequest request, Action<string> say, Action<int, double>? tell = null, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(say);
        int threads = Engine.Threads = ComputeChoice.Threads(request.Threads);
        Device device = ComputeChoice.Device(request.Device);
        using UpscalingModel model = UpscalingModels.OpenOrMake(request.Model, () => device, request.Precision, say);
        int scale = request.Scale ?? model.StandardScale;
        ((IUpscaler)model).RequireScale(scale, request.Model);
        Rgb8Image picture = new DeadLeaves(request.Height, request.Width).Render(0);
        double operations = OperationsOf(model, picture, scale);
        using IWork work = request.Files ? new FileWork(model, picture, scale, say) : new ModelWork(model, picture, scale);
        work.Enlarge(stop); // the first, which is not timed
        Stopwatch watch = Stopwatch.StartNew();
        int pictures = 0;
        do
        {
            stop.ThrowIfCancellationRequested();
            work.Enlarge(stop);
            tell?.Invoke(++pictures, watch.Elapsed.TotalSeconds);
        }
        while (watch.Elapsed.TotalSeconds < request.Seconds);

        double seconds = watch.Elapsed.TotalSeconds;
        using Process process = Process.GetCurrentProcess();
        return new UpscaleSpeed(
            request.Model,
            request.Width,
            request.Height,
            scale,
            request.Files,
            model.Device.ToString(),
            model.PrecisionName,
            threads,
            ProductVersion.Text,
            Engine.TorchVersion,
            pictures,
            seconds,
            pictures * (double)picture.Width * scale * picture.Height * scale / 1e6 / seconds,
            pictures * operations / 1e9 / seconds,
            process.PeakWorkingSet64);
    }

    // Counted on a corner, for the whole may be larger than memory; layers do the same at each pixel.
    private static double OperationsOf(UpscalingModel model, Rgb8Image picture, int scale)
    {
        (int width, int height) = (Math.Min(picture.Width, CountedSide), Math.Min(picture.Height, CountedSide));
        using ArithmeticCount count = new();
        using ModelWork work = new(model, picture.Cut(new PixelWindow(0, 0, width, height)), scale);
        work.Enlarge(CancellationToken.None);
        return count.Operations * picture.Width * picture.Height / (width * height);
    }

    private interface IWork : IDisposable
    {
        void Enlarge(CancellationToken stop);
    }

    private sealed class ModelWork(UpscalingModel model, Rgb8Image picture, int scale) : IWork
    {
        private readonly Tensor _picture = TensorImages.ToTensor([picture], PixelRange.Unit).To(model.Device);

        public void Enlarge(CancellationToken stop)
        {
            using TensorScope scope = new();
            _ = model.Upscale(_picture, scale);
            Engine.Synchronise(model.Device);
        }

        public void Dispose() => _picture.Dispose();
    }

    private sealed class FileWork : IWork
    {
        private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("subband-bench-");
        private readonly PhotographUpscaler _upscaler;
        private readonly Action<string> _say;

        public FileWork(UpscalingModel model, Rgb8Image picture, int scale, Action<string> say)
        {
            _say = say;
            _upscaler = new PhotographUpscaler(model, new UpscaleSettings { Size = new UpscaleSize { Scale = scale } });
            ImageFile.WritePng(Original, picture);
        }

        private string Original => Path.Combine(_folder.FullName, "small.png");

        public void Enlarge(CancellationToken stop)
        {
            Photograph photograph = _upscaler.Open(Original);
            UpscaledFile done = _upscaler.Run(
                photograph, Path.Combine(_folder.FullName, "large.png"), PhotographFormat.Png, stop: stop);
            foreach (string note in done.Notes)
            {
                _say(note);
            }
        }

        public void Dispose() => _folder.Delete(recursive: true);
    }
}
