using System.Text.Json;
using Subband.Metrics;
using Subband.Torch;

namespace Subband.Tests.Metrics;

public sealed class PowerSpectrumTests
{
    private static readonly Whitening Standard = new(0, 1);

    [Fact]
    public void The_curves_are_those_that_NumPy_finds_for_the_same_images()
    {
        using var scope = new TensorScope();
        var golden = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(
            TestData.RepositoryRoot, "tests", "Subband.Tests", "Metrics", "Golden", "spectra.json"))).RootElement;
        var images = GoldenImages();
        using var statistics = Gather(images);

        var whitening = statistics.Whitening;
        Assert.Equal(golden.Number("mean"), whitening.Mean, 1e-10);
        Assert.Equal(golden.Number("deviation"), whitening.Deviation, 1e-10);
        var own = statistics.Spectrum(whitening);
        AssertCurves(golden.GetProperty("own"), own);
        AssertCurves(golden.GetProperty("given"), statistics.Spectrum(new Whitening(100, 50)));

        using var some = Gather(images.Narrow(0, 0, 3));
        var gap = SpectralGap.Between(own, some.Spectrum(whitening));
        var expected = golden.GetProperty("gap_of_first_three");
        Assert.Equal(expected.Number("absolute"), gap.Absolute, 1e-9);
        Assert.Equal(expected.Number("signed"), gap.Signed, 1e-9);

        static void AssertCurves(JsonElement expected, PowerSpectrum spectrum)
        {
            Equal(expected.Doubles("radial"), spectrum.Radial, 1e-9);
            Equal(expected.Doubles("horizontal"), spectrum.Horizontal, 1e-9);
            Equal(expected.Doubles("diagonal"), spectrum.Diagonal, 1e-9);
        }
    }

    [Fact]
    public void White_noise_is_flat_at_0_dB()
    {
        using var scope = new TensorScope();
        using var random = new Generator(1);
        using var statistics = Gather(50 + (3 * Tensor.Randn([600, 3, 16, 12], random, DType.Float64)));

        var spectrum = statistics.Spectrum(new Whitening(50, 3));

        // 1800 independent exponential values a point: a deviation of 0.1 dB
        Assert.All(spectrum.Horizontal, decibels => Assert.Equal(0, decibels, 0.5));
        Assert.All(spectrum.Diagonal, decibels => Assert.Equal(0, decibels, 0.5));
        Assert.All(spectrum.Radial, decibels => Assert.Equal(0, decibels, 0.4));
        Assert.Equal(0, spectrum.Radial.Skip(8).Average(), 0.05);
        Assert.Equal(3, statistics.Whitening.Deviation, 0.02);
        Assert.Equal((64, 600), (spectrum.Side, spectrum.Images));
    }

    [Fact]
    public void The_mean_of_the_spectrum_is_the_energy_of_the_windowed_images()
    {
        using var scope = new TensorScope();
        var images = GoldenImages();
        using var statistics = Gather(images);
        var window = Tensor.From(KaiserWindow.UnitEnergy(12, 8), 12, 1) * Tensor.From(KaiserWindow.UnitEnergy(20, 8), 1, 20);

        var energy = ((images - 90) / 40 * window).Square().Sum([2, 3]).Mean().Item();

        Assert.Equal(energy, MeanPower(statistics.Spectrum(new Whitening(90, 40))), energy * 1e-12);
    }

    [Fact]
    public void Of_flat_images_the_energy_is_the_square_of_their_grey()
    {
        using var scope = new TensorScope();
        using var statistics = Gather(Tensor.Full([2, 1, 9, 17], 13, DType.Float64));
        Assert.Equal(9, MeanPower(statistics.Spectrum(new Whitening(7, 2))), 1e-9);
        // at the mean itself nothing is left
        Assert.Equal(PowerSpectrum.FloorDecibels, statistics.Spectrum(new Whitening(13, 2)).Radial.Max());
        var error = Assert.Throws<SubbandException>(() => statistics.Whitening);
        Assert.Contains("one and the same flat grey", error.Message, StringComparison.Ordinal);
    }

    // The figures are those of the window with α = β/π = 2.546 in F. J. Harris (1978), table 1, between its lines for 2.5 and 3: 3 dB
    // at a width of 1.58 bins, 6 dB at 2.22, an equivalent noise bandwidth of 1.66, side lobes at -57 dB; the first zero is at √(1 + α²).
    [Fact]
    public void A_wave_is_a_peak_at_its_frequency_as_wide_as_the_window_makes_it()
    {
        const int N = 64, Cycles = 20, Peak = 4 * Cycles;
        using var scope = new TensorScope();
        var wave = (Tensor.Arange(0, N, 1, DType.Float64) * (2 * Math.PI * Cycles / N)).Cos() * 10; // [N]
        using var statistics = Gather(wave.View(1, 1, 1, N).Expand(1, 1, N, N));
        var spectrum = statistics.Spectrum(Standard);
        var curve = spectrum.Horizontal;

        Assert.Equal(Peak, curve.Index().MaxBy(point => point.Item).Index);
        Assert.Equal((double)Cycles / N, spectrum.Frequencies[Peak]);
        Assert.Equal(20 * Math.Log10(10.0 / 2 * N / 1.66), curve[Peak], 0.2);
        Assert.Equal(1.58, Width(3.01), 0.05);
        Assert.Equal(2.22, Width(6.02), 0.05);
        var zero = Enumerable.Range(Peak + 1, 20).First(k => curve[k] < curve[k + 1]) - Peak;
        Assert.Equal(4 * Math.Sqrt(1 + (2.546 * 2.546)), zero, 0.75);
        Assert.All(curve.Skip(Peak + zero), decibels => Assert.True(decibels < curve[Peak] - 56));
        // nothing changes from top to bottom
        Assert.Equal(curve[Peak], PowerSpectrum.Decibels(spectrum.Power(0, -Peak)), 1e-9);
        Assert.True(PowerSpectrum.Decibels(spectrum.Power(Peak, 0)) < curve[Peak] - 90);

        // of the peak, in bins
        double Width(double below)
        {
            var k = Enumerable.Range(Peak, N).First(k => curve[k] < curve[Peak] - below);
            return 2 * (k - 1 - Peak + ((curve[k - 1] - curve[Peak] + below) / (curve[k - 1] - curve[k]))) / 4;
        }
    }

    [Fact]
    public void Fields_of_amplitude_1_over_f_fall_by_20_dB_a_decade()
    {
        const int N = 64, Largest = (N / 2) - 1;
        using var scope = new TensorScope();
        using var random = new Generator(5);
        // Σ over frequencies of normal numbers / f · cosine or sine: [n, rows of waves, columns] between the two matrices of waves
        var side = (2 * Largest) + 1;
        var frequencies = Tensor.Arange(-Largest, Largest + 1, 1, DType.Float64);
        var angles = frequencies.View(side, 1) * (Tensor.Arange(0, N, 1, DType.Float64).View(1, N) * (2 * Math.PI / N)); // [side, N]
        var (cosine, sine) = (angles.Cos(), angles.Sin());
        var distance = (frequencies.View(side, 1).Square() + frequencies.View(1, side).Square()).Sqrt().Clamp(1, null);
        var real = Tensor.Randn([200, side, side], random, DType.Float64) / distance;
        var imaginary = Tensor.Randn([200, side, side], random, DType.Float64) / distance;
        // the real part of (c + is)ᵀ (a + ib) (c + is)
        var fields = Product(cosine, real, cosine) - Product(sine, real, sine) - Product(cosine, imaginary, sine) - Product(sine, imaginary, cosine);
        using var statistics = Gather(fields.Unsqueeze(1));

        var spectrum = statistics.Spectrum(statistics.Whitening);

        var (low, high) = (At(0.05), At(0.4));
        Assert.Equal(-20, (high - low) / Math.Log10(0.4 / 0.05), 0.7);

        static Tensor Product(Tensor rows, Tensor middle, Tensor columns) => rows.Transpose().MatMul(middle).MatMul(columns);

        double At(double frequency) => spectrum.Radial[(int)Math.Round(frequency * spectrum.Side)];
    }

    [Fact]
    public void How_images_come_in_batches_does_not_matter()
    {
        using var scope = new TensorScope();
        var images = GoldenImages();
        using var together = Gather(images);
        using var apart = new SpectrumStatistics(12, 20);
        foreach (var image in images.Split(1))
        {
            apart.Add(image);
        }

        apart.Add(images.Narrow(0, 0, 0));

        Assert.Equal(together.Images, apart.Images);
        Assert.Equal(together.Whitening.Deviation, apart.Whitening.Deviation, 1e-12);
        var whitening = together.Whitening;
        Equal(together.Spectrum(whitening).Radial, apart.Spectrum(whitening).Radial, 1e-10);
        // the same again, the same bits
        using var again = Gather(images);
        Assert.Equal(together.Spectrum(whitening).Radial, again.Spectrum(whitening).Radial);
    }

    [Fact]
    public void Half_the_contrast_is_a_gap_of_6_dB()
    {
        using var scope = new TensorScope();
        var images = GoldenImages();
        using var full = Gather(images);
        var whitening = full.Whitening;
        using var half = Gather(whitening.Mean + ((images - whitening.Mean) * 0.5));

        var gap = SpectralGap.Between(full.Spectrum(whitening), half.Spectrum(whitening));

        Assert.Equal(20 * Math.Log10(2), gap.Absolute, 1e-9);
        Assert.Equal(-20 * Math.Log10(2), gap.Signed, 1e-9);
        Assert.Equal(default, SpectralGap.Between(full.Spectrum(whitening), full.Spectrum(whitening)));
    }

    [Fact]
    public void Bytes_are_as_good_as_numbers()
    {
        using var scope = new TensorScope();
        using var random = new Generator(2);
        var bytes = Tensor.RandInt(0, 256, [3, 3, 8, 8], random).To(DType.UInt8);
        using var first = Gather(bytes);
        using var second = Gather(bytes.To(DType.Float64));
        Assert.Equal(second.Spectrum(Standard).Radial, first.Spectrum(Standard).Radial);
    }

    [Fact]
    public void What_has_no_spectrum_is_refused()
    {
        using var scope = new TensorScope();
        using var statistics = new SpectrumStatistics(8, 8);
        Assert.Contains("at least one image", Assert.Throws<SubbandException>(() => statistics.Whitening).Message, StringComparison.Ordinal);
        Assert.Contains("at least one image", Assert.Throws<SubbandException>(() => statistics.Spectrum(Standard)).Message, StringComparison.Ordinal);
        Assert.Contains("NaN", Assert.Throws<SubbandException>(() => statistics.Add(Tensor.Full([1, 3, 8, 8], double.NaN))).Message, StringComparison.Ordinal);
        Assert.Contains("[N, 3, 8, 8]", Assert.Throws<TensorShapeException>(() => statistics.Add(Tensor.Zeros([1, 1, 8, 8]))).Message, StringComparison.Ordinal);
        Assert.Throws<TensorShapeException>(() => statistics.Add(Tensor.Zeros([1, 3, 8, 9])));
        statistics.Add(Tensor.Zeros([1, 3, 8, 8]));
        Assert.Throws<ArgumentOutOfRangeException>(() => statistics.Spectrum(new Whitening(0, 0)));
        var spectrum = statistics.Spectrum(Standard);
        Assert.Throws<ArgumentOutOfRangeException>(() => spectrum.Power(17, 0));
        using var others = Gather(Tensor.Zeros([1, 3, 8, 12]));
        Assert.Throws<ArgumentException>(() => SpectralGap.Between(spectrum, others.Spectrum(Standard)));
        Assert.Contains("from 4 to 2048 pixels, not of 3x8", Assert.Throws<UsageException>(() => new SpectrumStatistics(8, 3)).Message, StringComparison.Ordinal);
        Assert.Throws<UsageException>(() => new SpectrumStatistics(2049, 8));
    }

    // As in make_spectra.py: float64 [7, 3, 12, 20].
    private static Tensor GoldenImages()
    {
        var values = (MeasuredElsewhere.Uniforms(61, 7 * 3 * 12, 20) * 256).Floor().View(7, 3, 12, 20);
        var upper = values.Narrow(2, 0, 6);
        var left = (upper.Narrow(3, 0, 19) + upper.Narrow(3, 1, 19)) / 2;
        return Tensor.Cat([Tensor.Cat([left, upper.Narrow(3, 19, 1)], 3), values.Narrow(2, 6, 6)], 2);
    }

    private static SpectrumStatistics Gather(Tensor images)
    {
        SpectrumStatistics statistics = new((int)images.Size(2), (int)images.Size(3));
        statistics.Add(images);
        return statistics;
    }

    private static double MeanPower(PowerSpectrum spectrum)
    {
        var half = spectrum.Side / 2;
        return Enumerable.Range(-half, spectrum.Side).Average(row => Enumerable.Range(-half, spectrum.Side).Average(column => spectrum.Power(row, column)));
    }

    private static void Equal(IReadOnlyList<double> expected, IReadOnlyList<double> actual, double tolerance)
    {
        Assert.Equal(expected.Count, actual.Count);
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, tolerance));
    }
}
