using Subband.Experiments;
using Subband.Imaging;
using Subband.Torch;

namespace Subband.Tests.Experiments;

/// <summary>The experiments, with networks so narrow that they learn nothing in the time they get.</summary>
public sealed class ExperimentTests : IDisposable
{
    private const double Grey = 127.5;

    private static readonly (string Name, string Value)[] Narrow =
        [("network.mostChannels", "8"), ("network.styleWidth", "8"), ("training.sampleKimg", "1000"), ("training.batchSize", "4")];

    private readonly TemporaryFolder _folder = new();

    public ExperimentTests() => Assert.SkipUnless(ImageFile.IsAvailable(out string reason), reason);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Single_images_are_overfitted_by_both_and_measured_band_by_band()
    {
        var options = Options(seconds: 0.2);
        SingleImageReport report = SingleImageExperiment.Run(options, photograph: null, TestContext.Current.CancellationToken);
        Assert.Equal(
            ["checkerboard", "lines", "zone-plate", "photograph"], report.Results.Chunk(2).Select(pair => Assert.Single(pair.Select(one => one.Picture).Distinct())));
        Assert.Equal(["SWAGAN", "StyleGAN2"], report.Results.Take(2).Select(result => result.Contestant.Name));
        Assert.All(report.Results, result => Assert.True(result.Images >= 4 && result.Seconds > 0));

        // A checkerboard of single pixels is nothing but HH.
        Assert.Equal([0, 0, 0, 2 * Grey], report.Energies["checkerboard"].Select(value => Math.Round(value, 3)));
        Assert.All(
            (string[])["report.md", "report.json", "figure1.png", "lines/swagan/config.json", "photograph/image/photograph.png"],
            file => Assert.True(File.Exists(_folder[file]), file));

        // The same call finds everything trained.
        SingleImageReport again = SingleImageExperiment.Run(options, photograph: null, TestContext.Current.CancellationToken);
        Assert.Equal(report.Results.Select(result => (result.Images, result.Psnr)), again.Results.Select(result => (result.Images, result.Psnr)));
    }

    [Fact]
    public void The_squared_error_of_pixels_is_a_quarter_of_the_bands()
    {
        using var scope = new TensorScope();
        using var random = new Generator(3);
        var errors = Tensor.Randn([5, 3, 8, 6], random) * 20;
        var sum = SingleImageExperiment.BandMagnitudes(errors).Sum(value => value * value);
        Assert.Equal(errors.Square().Mean().Item(), sum / 4, 0.01);
    }

    [Fact]
    public void Both_are_compared_after_the_same_time_and_after_the_same_images()
    {
        List<string> activities = [];
        ComparisonOptions options = new()
        {
            Common = Options(seconds: 1.5) with { Progress = progress => activities.Add(progress.Activity) },
            Data = "synthetic:leaves#size=32,take=0..40",
            Features = TestData.Path("weights/squeezenet1_1.safetensors"),
            Samples = 20,
        };
        ComparisonReport report = ArchitectureComparison.Run(options, TestContext.Current.CancellationToken);
        Assert.Equal(["SWAGAN", "SWAGAN", "StyleGAN2"], report.Chosen.Select(point => point.Contestant.Name));
        Assert.Equal(["true images", "SWAGAN, same time", "SWAGAN, same images", "StyleGAN2"], report.Spectrum.Sources.Select(one => one.Input.Label));
        var (time, images, rival) = (report.Chosen[0], report.Chosen[1], report.Chosen[2]);
        Assert.True(Math.Abs(images.Images - rival.Images) <= Math.Abs(time.Images - rival.Images));
        Assert.All(report.Points, point => Assert.True(point.Distance > 0));
        Assert.All(Contestant.Both, contestant =>
        {
            ComparisonPoint[] course = [.. report.Points.Where(point => point.Contestant == contestant)];
            Assert.Equal(course.OrderBy(point => point.Images), course);
            Assert.Equal(course[^1].Seconds / course[^1].Images * 1000, report.SecondsPerKimg(contestant), 1e-9);
        });
        Assert.All((string[])["report.md", "report.json", "course.png", "spectrum.png", "samples.png"], file => Assert.True(File.Exists(_folder[file]), file));
        Assert.Contains("Training SWAGAN", activities);

        // What was measured is not measured again.
        activities.Clear();
        ComparisonReport again = ArchitectureComparison.Run(options, TestContext.Current.CancellationToken);
        Assert.Equal(report.Points, again.Points);
        Assert.DoesNotContain(activities, activity => activity.StartsWith("Measuring", StringComparison.Ordinal));

        // Other images are no continuation.
        var error = Assert.ThrowsAny<SubbandException>(() => ArchitectureComparison.Run(
            options with { Common = options.Common with { Seconds = 30 }, Data = "synthetic:leaves#size=32,take=0..41" }, TestContext.Current.CancellationToken));
        Assert.Contains($"The run {_folder["swagan"]} is trained", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_size_without_presets_is_refused()
    {
        var error = Assert.Throws<UsageException>(() => SingleImageExperiment.Run(Options(1) with { Size = 48 }, photograph: null, TestContext.Current.CancellationToken));
        Assert.Contains("32, 64, 128 pixels, not of 48", error.Message, StringComparison.Ordinal);
    }

    private ExperimentOptions Options(double seconds) => new() { Out = _folder.Path, Size = 32, Seconds = seconds, Threads = 1, Settings = Narrow };
}
