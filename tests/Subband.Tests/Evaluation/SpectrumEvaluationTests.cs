using Subband.Data;
using Subband.Evaluation;
using Subband.Imaging;
using Subband.Metrics;
using Subband.Tests.Data;
using Subband.Torch;

namespace Subband.Tests.Evaluation;

public sealed class SpectrumEvaluationTests
{
    private static readonly BatchPlan Plan = new() { Height = 8, Width = 8, BatchSize = 1 };
    private static readonly EvaluationOptions Options = new() { Samples = 300, Seed = 1 };

    [Fact]
    public void A_model_that_plays_the_true_images_back_has_no_gap()
    {
        using MemorySource source = new(300, i => TestImages.Noise(8, 8, i));
        using Playback model = new((count, _) => Images(count), 8);
        List<string> activities = [];
        SpectrumReport report = SpectrumEvaluation.Run(
            [new SpectrumImages("truth", source), new SpectrumModel("model", "a model", model, Plan)],
            null,
            null,
            null,
            Options with { Progress = progress => activities.Add($"{progress.Activity} {progress.Total}") });

        Assert.Equal([300, 300], report.Sources.Select(one => one.Spectrum.Images));
        Assert.Null(report.Sources[0].Gap);
        Assert.Equal(0, report.Sources[1].Gap!.Value.Absolute, 1e-9);
        Assert.Equal("truth", report.WhitenedBy);
        Assert.Equal(["Images of truth 300", "Samples of model 300"], activities.Distinct());
        // evenly distributed bytes
        Assert.Equal(Math.Sqrt((256.0 * 256 - 1) / 12), report.Whitening.Deviation, 0.5);
    }

    [Fact]
    public void Count_takes_images_from_all_over_a_source_and_the_given_numbers_whiten()
    {
        using MemorySource source = new(100, i => TestImages.Flat(8, 8, (byte)i, (byte)i, (byte)i));
        SpectrumReport report = SpectrumEvaluation.Run([new SpectrumImages("greys", source)], null, new Whitening(10, 20), 4, Options);
        Assert.Equal(4, report.Sources[0].Spectrum.Images);
        Assert.Equal((new Whitening(10, 20), null), (report.Whitening, report.WhitenedBy));
        // items 0, 25, 50, 75; at frequency 0 the window's sum takes part, which a flat image of grey 30 shows alone
        using MemorySource one = new(1, _ => TestImages.Flat(8, 8, 30, 30, 30));
        double unit = Power(SpectrumEvaluation.Run([new SpectrumImages("one", one)], null, new Whitening(10, 20), null, Options));
        Assert.Equal((100 + 225 + 1600 + 4225) / 4.0 / 400 * unit, Power(report), 1e-9);

        static double Power(SpectrumReport report) => report.Sources[0].Spectrum.Power(0, 0);
    }

    [Fact]
    public void Without_end_as_many_images_are_taken_as_models_make()
    {
        using MemorySource source = new(null, i => TestImages.Noise(8, 8, i));
        Assert.Equal(300, SpectrumEvaluation.Run([new SpectrumImages("endless", source)], null, null, null, Options).Sources[0].Spectrum.Images);
    }

    [Fact]
    public void Images_of_several_sizes_are_named_unless_a_size_is_given()
    {
        using MemorySource source = new(5, i => TestImages.Noise(i == 3 ? 16 : 8, 8, i));
        SpectrumInput[] inputs = [new SpectrumImages("mixed", source)];
        string message = Assert.Throws<SubbandException>(() => SpectrumEvaluation.Run(inputs, null, null, null, Options)).Message;
        Assert.StartsWith("item 3 of memory has 16x8 pixels, item 0 of memory 8x8: the images should be of one size.", message, StringComparison.Ordinal);
        Assert.Contains("--size 8x8", message, StringComparison.Ordinal);

        SpectrumReport report = SpectrumEvaluation.Run(inputs, (8, 8), null, null, Options);
        Assert.Equal((5, 1), (report.Sources[0].Spectrum.Images, report.Sources[0].Resized));
        Assert.StartsWith("1 of the 5 images of mixed had another size and were brought to 8x8 pixels", report.Protocol[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Images_are_brought_to_the_size_of_the_model_that_stands_beside_them()
    {
        using MemorySource source = new(5, i => TestImages.Noise(16, 16, i));
        using Playback model = new((count, _) => Images(count), 8);
        SpectrumReport report = SpectrumEvaluation.Run(
            [new SpectrumImages("large", source), new SpectrumModel("model", "a model", model, Plan)], null, null, null, Options);
        Assert.Equal((8, 8, 5L, 0L), (report.Width, report.Height, report.Sources[0].Resized, report.Sources[1].Resized));
        // shrinking takes power away
        Assert.True(report.Sources[1].Gap!.Value.Signed > 1);
    }

    [Fact]
    public void Models_of_other_sizes_are_named()
    {
        using Playback small = new((count, _) => Images(count), 8);
        using Playback large = new((count, _) => Images(count), 16);
        SpectrumInput[] inputs =
        [
            new SpectrumModel("small", "", small, Plan), new SpectrumModel("large", "", large, Plan with { Height = 16, Width = 16 }),
        ];
        Assert.Equal(
            "small makes images of 8x8 pixels and large of 16x16: spectra of different sizes cannot be compared.",
            Assert.Throws<UsageException>(() => SpectrumEvaluation.Run(inputs, null, null, null, Options)).Message);
        Assert.Equal(
            "small makes images of 8x8 pixels, which cannot be brought to 16x16; leave out --size.",
            Assert.Throws<UsageException>(() => SpectrumEvaluation.Run(inputs, (16, 16), null, null, Options)).Message);
    }

    [Fact]
    public void What_cannot_be_decoded_is_passed_over()
    {
        using MemorySource source = new(4, i => i is 0 or 2 ? throw new ImageFileException($"item {i}", "is broken.") : TestImages.Noise(8, 8, i));
        Assert.Equal(2, SpectrumEvaluation.Run([new SpectrumImages("some", source)], null, null, null, Options).Sources[0].Spectrum.Images);
        using MemorySource none = new(4, i => throw new ImageFileException($"item {i}", "is broken."));
        Assert.Equal(
            "None of the 4 images of memory can be decoded; item 0 is broken.",
            Assert.Throws<SubbandException>(() => SpectrumEvaluation.Run([new SpectrumImages("none", none)], null, null, null, Options)).Message);
    }

    [Fact]
    public void The_table_has_a_line_for_each_frequency_and_quotes_names()
    {
        using MemorySource source = new(5, i => TestImages.Noise(8, 8, i));
        SpectrumReport report = SpectrumEvaluation.Run(
            [new SpectrumImages("a", source), new SpectrumImages("b,\"c\"", source)], null, null, null, Options);

        string[] lines = SpectrumTable.Write(report).Split('\n');

        Assert.Equal(
            "frequency (cycles/pixel),a: radial (dB),\"b,\"\"c\"\": radial (dB)\",a: 0° (dB),\"b,\"\"c\"\": 0° (dB)\","
            + "frequency at 45° (cycles/pixel),a: 45° (dB),\"b,\"\"c\"\": 45° (dB)\"",
            lines[0]);
        Assert.Equal(1 + 17 + 1, lines.Length);
        double[] last = [.. lines[17].Split(',').Select(cell => double.Parse(cell, System.Globalization.CultureInfo.InvariantCulture))];
        PowerSpectrum spectrum = report.Sources[0].Spectrum;
        Assert.Equal(
            [0.5, spectrum.Radial[16], spectrum.Radial[16], spectrum.Horizontal[16], spectrum.Horizontal[16], Math.Sqrt(0.5), spectrum.Diagonal[16], spectrum.Diagonal[16]],
            last,
            (expected, actual) => Math.Abs(expected - actual) < 1e-6);
        Assert.Equal("", lines[18]);
    }

    [Fact]
    public void The_sheet_shows_a_line_and_a_tile_for_each_source()
    {
        Assert.SkipUnless(ImageFile.IsAvailable(out string reason), reason);
        using MemorySource source = new(20, i => TestImages.Noise(8, 8, i));
        SpectrumReport report = SpectrumEvaluation.Run([new SpectrumImages("noise", source)], null, null, null, Options);
        SpectrumReport several = report with { Sources = [.. Enumerable.Repeat(report.Sources[0], SpectrumSheet.MostSources)] };
        Rgb8Image one = SpectrumSheet.Render(report);
        Rgb8Image all = SpectrumSheet.Render(several);
        // a line of the legend each, and a second row of tiles
        Assert.Equal(((SpectrumSheet.MostSources - 1) * 22) + 270, all.Height - one.Height);
        Assert.Equal(one.Pixels, SpectrumSheet.Render(report).Pixels);
        Assert.All(Palettes.Lines, colour => Assert.True(Count(all, colour) > 20, $"{colour} is missing."));
        Assert.Equal(0, Count(one, Palettes.Lines[1]));
        Assert.Throws<ArgumentException>(() => SpectrumSheet.Render(report with { Sources = [.. several.Sources, report.Sources[0]] }));
    }

    private static int Count(Rgb8Image image, Colour colour) => Enumerable.Range(0, image.Width * image.Height)
        .Count(p => image.Pixels[3 * p] == colour.Red && image.Pixels[(3 * p) + 1] == colour.Green && image.Pixels[(3 * p) + 2] == colour.Blue);

    // The images of the sources, in [-1, 1].
    private static Tensor Images(int count) =>
        TensorImages.ToTensor([.. Enumerable.Range(0, count).Select(i => TestImages.Noise(8, 8, i))], PixelRange.Signed);
}
