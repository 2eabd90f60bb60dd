using Subband.Evaluation;
using Subband.Imaging;
using Subband.Metrics;
using Subband.Models.SuperResolution;
using Subband.Tests.Data;
using Subband.Torch;

namespace Subband.Tests.Evaluation;

public sealed class UpscaleEvaluationTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    // The literature's rows, measured elsewhere through 8-bit RGB: 33.674/.9303, 30.405/.8689, 28.430/.8111.
    [Theory]
    [InlineData(2, 33.674, 0.9303, 31.79)]
    [InlineData(3, 30.405, 0.8689, 28.62)]
    [InlineData(4, 28.430, 0.8111, 26.69)]
    public void Bicubic_on_Set5_has_the_figures_of_the_literature(int scale, double psnrY, double ssimY, double psnrRgb)
    {
        UpscaleEvaluation evaluation = new(TestData.Path("sr/Set5"), scale);
        using Interpolation bicubic = Interpolation.Named("bicubic")!;
        PictureReport report = evaluation.Run(bicubic, Measures(scale), stop: TestContext.Current.CancellationToken);
        Assert.Empty(report.Failures);
        Assert.Equal(["baby", "bird", "butterfly", "head", "woman"], report.Pictures.Select(picture => picture.Name));
        Assert.Equal(psnrY, report.Mean!.PsnrY!.Value, 0.001);
        Assert.Equal(ssimY, report.Mean.SsimY!.Value, 1e-4);
        Assert.Equal(psnrRgb, report.Mean.PsnrRgb!.Value, 0.01);
    }

    [Fact]
    public void Without_small_pictures_they_are_made_and_the_figures_are_the_same()
    {
        string given = TestData.Path("sr/Set5");
        _ = Directory.CreateDirectory(_folder["HR"]);
        File.Copy(Path.Combine(given, "HR", "woman.png"), _folder["HR/woman.png"]);
        using Interpolation bicubic = Interpolation.Named("bicubic")!;
        PictureReport made = new UpscaleEvaluation(_folder.Path, 3).Run(bicubic, Measures(3), stop: TestContext.Current.CancellationToken);
        PictureReport all = new UpscaleEvaluation(given, 3).Run(bicubic, Measures(3), stop: TestContext.Current.CancellationToken);
        Assert.Equal(all.Pictures.Single(picture => picture.Name == "woman").Figures, made.Pictures.Single().Figures);
        Assert.Contains("imresize", made.Protocol[0], StringComparison.Ordinal);
        Assert.Contains("LRx3", all.Protocol[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Pictures_that_do_not_fit_or_are_missing_or_broken_fail_and_the_others_count()
    {
        _ = Directory.CreateDirectory(_folder["HR"]);
        _ = Directory.CreateDirectory(_folder["LRx2"]);
        foreach (string name in (string[])["fits", "named", "odd", "missing", "broken"])
        {
            ImageFile.WritePng(_folder[$"HR/{name}.png"], TestImages.Noise(41, 40, 1));
        }

        ImageFile.WritePng(_folder["LRx2/fits.png"], TestImages.Noise(20, 20, 2));
        ImageFile.WritePng(_folder["LRx2/namedx2.png"], TestImages.Noise(20, 20, 2));
        ImageFile.WritePng(_folder["LRx2/odd.png"], TestImages.Noise(19, 20, 2));
        File.WriteAllText(_folder["LRx2/broken.png"], "no picture");

        using Interpolation nearest = Interpolation.Named("nearest")!;
        PictureReport report = new UpscaleEvaluation(_folder.Path, 2).Run(nearest, Measures(2), stop: TestContext.Current.CancellationToken);

        Assert.Equal(["fits", "named"], report.Pictures.Select(picture => picture.Name));
        Assert.Equal(report.Pictures[0].Figures, report.Mean);
        Dictionary<string, string> reasons = report.Failures.ToDictionary(failure => failure.Name, failure => failure.Reason);
        Assert.Equal(["broken", "missing", "odd"], reasons.Keys);
        Assert.Contains("19x20", reasons["odd"], StringComparison.Ordinal);
        Assert.Contains("20x20", reasons["odd"], StringComparison.Ordinal);
        Assert.Contains("LRx2 holds no picture missing", reasons["missing"], StringComparison.Ordinal);
        Assert.Contains("broken.png", reasons["broken"], StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_without_true_pictures_is_refused_with_what_is_expected()
    {
        SubbandException error = Assert.Throws<SubbandException>(() => new UpscaleEvaluation(_folder.Path, 2));
        Assert.Contains("no folder HR", error.Message, StringComparison.Ordinal);
        Assert.Contains("LRx2", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_folders_are_matched_by_name_whatever_the_format()
    {
        _ = Directory.CreateDirectory(_folder["true/inner"]);
        _ = Directory.CreateDirectory(_folder["made/inner"]);
        Rgb8Image picture = TestImages.Noise(20, 20, 1);
        ImageFile.WritePng(_folder["true/a.png"], picture);
        ImageFile.WritePng(_folder["true/inner/b.png"], picture);
        ImageFile.WritePng(_folder["true/c.png"], picture);
        ImageFile.WritePng(_folder["made/a.png"], picture);
        ImageFile.WritePng(_folder["made/inner/b.png"], TestImages.Noise(20, 20, 2));
        ImageFile.WritePng(_folder["made/d.png"], picture);

        PictureComparison comparison = PictureComparison.Run(
            _folder["true"], _folder["made"], Measures(0), stop: TestContext.Current.CancellationToken);

        Assert.False(comparison.IsComplete);
        Assert.Equal(["a", "inner/b"], comparison.Report.Pictures.Select(one => one.Name));
        Assert.Equal(double.PositiveInfinity, comparison.Report.Pictures[0].Figures.PsnrY);
        Assert.Equal(["c"], comparison.OnlyInReference);
        Assert.Equal(["d"], comparison.OnlyInImages);
    }

    [Fact]
    public void Two_files_with_one_name_or_nothing_in_common_are_refused()
    {
        _ = Directory.CreateDirectory(_folder["true"]);
        _ = Directory.CreateDirectory(_folder["made"]);
        ImageFile.WritePng(_folder["true/a.png"], TestImages.Noise(20, 20, 1));
        ImageFile.WritePng(_folder["made/b.png"], TestImages.Noise(20, 20, 1));
        SubbandException nothing = Assert.Throws<SubbandException>(() => Compare(_folder["true"], _folder["made"]));
        Assert.Contains("there are b and a", nothing.Message, StringComparison.Ordinal);
        File.Copy(_folder["made/b.png"], _folder["made/b.jpg"]);
        SubbandException twice = Assert.Throws<SubbandException>(() => Compare(_folder["true"], _folder["made"]));
        Assert.Contains("same name but for the extension", twice.Message, StringComparison.Ordinal);
        SubbandException mixed = Assert.Throws<SubbandException>(() => Compare(_folder["true"], _folder["made/b.png"]));
        Assert.Contains("is a folder and", mixed.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private static void Compare(string reference, string images) =>
        PictureComparison.Run(reference, images, Measures(0), stop: TestContext.Current.CancellationToken);

    private static PictureMeasures Measures(int crop) => new(PictureMeasureKinds.Psnr | PictureMeasureKinds.Ssim, crop, null);
}
