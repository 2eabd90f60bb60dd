using Subband.Torch;

namespace Subband.Metrics;

/// <summary>
/// The mean power spectrum of images, gathered batch by batch in float64 on the CPU: each image is windowed, surrounded by zeros and Fourier
/// transformed, and the squared magnitudes are averaged over channels and images.
/// </summary>
/// <remarks>
/// <para>The protocol is that of StyleGAN3's Figure 13 (Karras et al. 2021, arXiv 2106.12423; <c>avg_spectra.py</c> of its release); see
/// <c>docs/spectrum.md</c>.</para>
/// <para>What the images are whitened with need not be known before the last of them. With w the window, F the Fourier transform, x̄ the mean
/// image and m the mean to be subtracted, mean |F(w(x − m))|² = mean |F(wx)|² − |F(wx̄)|² + |F(w(x̄ − m))|², exactly. So one pass is
/// enough, and memory does not grow with the number of images.</para>
/// </remarks>
public sealed class SpectrumStatistics : IDisposable
{
    /// <summary>The least side of an image in pixels.</summary>
    public const int MinimumSide = 4;

    /// <summary>The greatest side of an image in pixels: its spectrum takes half a gibibyte.</summary>
    public const int MaximumSide = 2048;

    /// <summary>The spectrum's side is that of the image times this: that much finer are its frequencies.</summary>
    public const int Padding = 4;

    /// <summary>The window's β.</summary>
    public const double WindowBeta = 8;

    // Near the mean of most images, so that sums lose no digits.
    private const double Origin = 127.5;

    // Numbers that are computed with at once: some tens of MiB, and little overhead.
    private const long ValuesAtOnce = 1 << 20;

    private readonly Tensor _window; // [H, W]
    private readonly Tensor _power; // [S, S/2 + 1], of images less the origin, summed over channels and images
    private Tensor? _sum; // [C, H, W], of images less the origin
    private double _squares; // of all values less the origin

    /// <summary>Begins without images.</summary>
    /// <param name="height">Height of the images in pixels.</param>
    /// <param name="width">Width of the images in pixels.</param>
    /// <exception cref="UsageException">A side is below <see cref="MinimumSide"/> or above <see cref="MaximumSide"/>.</exception>
    public SpectrumStatistics(int height, int width)
    {
        RequireSides(height, width);
        (Height, Width, Side) = (height, width, Padding * Math.Max(height, width));
        using var scope = new TensorScope();
        var rows = Tensor.From(KaiserWindow.UnitEnergy(height, WindowBeta), height, 1);
        var columns = Tensor.From(KaiserWindow.UnitEnergy(width, WindowBeta), 1, width);
        _window = TensorScope.Release(rows * columns);
        _power = TensorScope.Release(Tensor.Zeros([Side, (Side / 2) + 1], DType.Float64));
    }

    /// <summary>Height of the images in pixels, H.</summary>
    public int Height { get; }

    /// <summary>Width of the images in pixels, W.</summary>
    public int Width { get; }

    /// <summary>Rows and columns of the spectrum, S: <see cref="Padding"/> times the longer side.</summary>
    public int Side { get; }

    /// <summary>The number of images so far.</summary>
    public long Images { get; private set; }

    /// <summary>What these images are brought to mean 0 and variance 1 with: the mean and the deviation of all their values.</summary>
    /// <exception cref="SubbandException">There is no image, or all values are equal.</exception>
    public Whitening Whitening
    {
        get
        {
            RequireImages();
            var values = Images * _sum!.Count;
            var mean = _sum.Sum().Item() / values;
            var variance = (_squares / values) - (mean * mean);
            // rounding may leave a little of nothing
            return variance > 1e-9
                ? new Whitening(Origin + mean, Math.Sqrt(variance))
                : throw new SubbandException("The images are all of one and the same flat grey, which has no spectrum to whiten.");
        }
    }

    /// <summary>Refuses sides that spectra are not taken of.</summary>
    /// <exception cref="UsageException">A side is below <see cref="MinimumSide"/> or above <see cref="MaximumSide"/>.</exception>
    public static void RequireSides(int height, int width)
    {
        if (Math.Min(height, width) < MinimumSide || Math.Max(height, width) > MaximumSide)
        {
            throw new UsageException(
                $"Spectra are taken of images with sides from {MinimumSide} to {MaximumSide} pixels, not of {width}x{height}.");
        }
    }

    /// <summary>Adds some images.</summary>
    /// <param name="images">[N, C, H, W] in grey levels of 0 to 255, of any type and on any device; always as many channels.</param>
    /// <exception cref="TensorShapeException">The shape is another.</exception>
    /// <exception cref="SubbandException">A value is NaN or infinite.</exception>
    public void Add(Tensor images)
    {
        ArgumentNullException.ThrowIfNull(images);
        RequireShape(images);
        if (images.Size(0) == 0)
        {
            return;
        }

        using var noGrad = Autograd.NoGrad();
        using var scope = new TensorScope();
        _sum ??= TensorScope.Release(Tensor.Zeros([images.Size(1), Height, Width], DType.Float64));
        var atOnce = Math.Max(1, ValuesAtOnce / _sum.Count);
        foreach (var part in images.Detach().Split(atOnce))
        {
            AddPart(part);
        }
    }

    /// <summary>The mean power spectrum of the images so far.</summary>
    /// <param name="whitening">What the images are whitened with.</param>
    /// <exception cref="SubbandException">There is no image.</exception>
    public PowerSpectrum Spectrum(Whitening whitening)
    {
        if (!double.IsFinite(whitening.Mean) || !(whitening.Deviation > 0 && double.IsFinite(whitening.Deviation)))
        {
            throw new ArgumentOutOfRangeException(nameof(whitening), whitening, "A finite mean and a deviation greater than 0 are expected.");
        }

        RequireImages();
        using var scope = new TensorScope();
        double channels = _sum!.Size(0);
        var mean = (_sum / Images).Unsqueeze(0); // [1, C, H, W]
        var power = (_power / Images) - Power(mean) + Power(mean - (whitening.Mean - Origin)); // [S, S/2 + 1]
        // where hardly anything is left, rounding may leave a little less
        power = power.ClampInPlace(0, null) / (channels * whitening.Deviation * whitening.Deviation);
        return new PowerSpectrum(Side, power.ToArray<double>(), Images);
    }

    /// <summary>Frees the sums.</summary>
    public void Dispose()
    {
        _window.Dispose();
        _power.Dispose();
        _sum?.Dispose();
    }

    private void AddPart(Tensor images)
    {
        using var scope = new TensorScope();
        var values = images.To(Device.Cpu).To(DType.Float64) - Origin; // [n, C, H, W]
        RequireFinite(values);
        _sum!.AddInPlace(values.Sum([0]));
        _squares += values.Square().Sum().Item();
        _power.AddInPlace(Power(values));
        Images += images.Size(0);
    }

    // |F(wx)|² summed over channels and images: [N, C, H, W] to [S, S/2 + 1].
    private Tensor Power(Tensor values)
    {
        using var scope = new TensorScope();
        var sum = Tensor.Zeros([Side, (Side / 2) + 1], DType.Float64);
        var atOnce = Math.Max(1, ValuesAtOnce / sum.Count);
        foreach (var planes in values.Flatten(0, 1).Split(atOnce))
        {
            using var part = new TensorScope();
            sum.AddInPlace((planes * _window).RealFourier2d(Side, Side).Square().Sum([0, 3]));
        }

        return scope.Keep(sum);
    }

    private void RequireShape(Tensor images)
    {
        var fits = images.Dimensions == 4 && images.Size(2) == Height && images.Size(3) == Width
            && images.Size(1) == (_sum?.Size(0) ?? Math.Max(1, images.Size(1)));
        if (!fits)
        {
            var channels = _sum is null ? "C" : $"{_sum.Size(0)}";
            throw new TensorShapeException(
                $"Spectrum: images [N, {channels}, {Height}, {Width}] were expected, the tensor is {images}.", nameof(SpectrumStatistics));
        }
    }

    private static void RequireFinite(Tensor values)
    {
        if (values.IsFinite().All().Item() == 0)
        {
            throw new SubbandException("A value of an image is NaN or infinite, so that there is no spectrum.");
        }
    }

    private void RequireImages()
    {
        if (Images == 0)
        {
            throw new SubbandException("A spectrum needs at least one image, but there is none.");
        }
    }
}
