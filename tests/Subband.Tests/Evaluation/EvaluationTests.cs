using Subband.Data;
using Subband.Evaluation;
using Subband.Imaging;
using Subband.Metrics;
using Subband.Models;
using Subband.Models.Features;
using Subband.Tests.Data;
using Subband.Torch;

namespace Subband.Tests.Evaluation;

public sealed class EvaluationTests
{
    private static readonly BatchPlan Plan = new() { Height = 8, Width = 8, BatchSize = 4 };

    [Fact]
    public void A_model_that_plays_the_true_images_back_has_the_distance_0()
    {
        using var features = SqueezeNetFeatures.Load(TestData.Path("weights/squeezenet1_1.safetensors"));
        using var source = new MemorySource(30, i => TestImages.Noise(8, 8, i));
        using var model = new Playback((count, _) => Images(0, count), 8);
        FrechetScore score = Distance(model, source, features, new EvaluationOptions { Samples = 30 });
        Assert.Equal(0, score.Value, 1e-6);
        Assert.Equal((30, 30), (score.FirstCount, score.SecondCount));

        using var other = new Playback((count, _) => Images(100, count), 8);
        Assert.True(Distance(other, source, features, new EvaluationOptions { Samples = 30 }).Value > 1);
    }

    [Fact]
    public void Samples_come_in_parts_of_different_seeds_with_the_classes_in_turn()
    {
        using var features = SqueezeNetFeatures.Load(TestData.Path("weights/squeezenet1_1.safetensors"));
        using var source = new MemorySource(10, i => TestImages.Noise(8, 8, i));
        List<(int Count, ulong Seed)> parts = [];
        using var model = new Playback(
            (count, seed) =>
            {
                parts.Add((count, seed));
                return Images(0, count);
            },
            8)
        { Classes = ["a", "b", "c"] };
        List<string> activities = [];
        Distance(model, source, features, new EvaluationOptions { Samples = 502, Progress = p => activities.Add(p.Activity) });
        Assert.Equal([500, 2], parts.Select(part => part.Count));
        Assert.NotEqual(parts[0].Seed, parts[1].Seed);
        Assert.Equal(Enumerable.Range(0, 502).Select(i => i % 3), model.Labels);
        Assert.Equal(["Features of true images", "Making samples"], activities.Distinct());
    }

    [Fact]
    public void The_plain_figure_is_that_of_the_measure_on_pixels_from_0_to_1()
    {
        using var scope = new TensorScope();
        using var source = new MemorySource(40, i => TestImages.Noise(8, 8, i));
        using var model = new Playback((count, _) => Images(100, count), 8);
        ParzenReport report = ParzenEvaluation.Run(model, source, null, Plan, 0, new EvaluationOptions { Samples = 60 });

        // Every tenth image is held out.
        long[] held = [0, 10, 20, 30];
        var truth = (Images(0, 40) + 1) / 2;
        var test = truth.IndexSelect(0, Tensor.From<long>([.. Enumerable.Range(0, 40).Where(i => i % 10 != 0).Select(i => (long)i)]));
        ParzenScore expected = Parzen.Evaluate((Images(100, 60) + 1) / 2, truth.IndexSelect(0, Tensor.From(held)), test, cancellation: TestContext.Current.CancellationToken);
        Assert.Equal((36, 4, 60), (report.Test.Images, report.Validation, report.Samples));
        Assert.Equal(expected.Test.Mean, report.Test.Mean, 1e-3);
        Assert.Equal(expected.Test.Deviation, report.Test.Deviation, 1e-3);
        Assert.Equal(expected.Width.Value, report.Width.Value, 1e-6);
        Assert.Equal(Parzen.PixelDeviation(test), report.PixelDeviation, 1e-6);
        Assert.Null(report.MultiScale);
        Assert.Equal("It was left out.", report.WhyNotMultiScale);
    }

    [Fact]
    public void Validation_images_of_their_own_leave_all_test_images_to_the_test()
    {
        using var source = new MemorySource(12, i => TestImages.Noise(8, 8, i));
        using var validation = new MemorySource(5, i => TestImages.Noise(8, 8, 200 + i));
        using var model = new Playback((count, _) => Images(100, count), 8);
        ParzenReport report = ParzenEvaluation.Run(model, source, validation, Plan, 10, new EvaluationOptions { Samples = 20 });
        Assert.Equal((12, 5), (report.Test.Images, report.Validation));
        Assert.Contains("no pyramid", report.WhyNotMultiScale, StringComparison.Ordinal);
    }

    // A change of codes that keeps kernels round is the same density, told in other units.
    [Fact]
    public void The_multi_scale_figure_does_not_depend_on_the_codes_in_which_a_model_works()
    {
        MultiScaleReport plain = MultiScale(new NoisePyramid(0, 1, [8, 4]));
        MultiScaleReport coded = MultiScale(new NoisePyramid(0.2, 0.4, [8, 4]));
        Assert.Equal(plain.Test.Mean, coded.Test.Mean, 0.05);
        Assert.Equal(plain.Factors[0].Width.Value, coded.Factors[0].Width.Value * 0.4, 1e-4);
        Assert.Equal([8, 4], plain.Sides);
        Assert.Equal((15, 4), (plain.Test.Images, plain.Validation));
        Assert.Equal(3 * 8 * 8, plain.Test.Dimensions);

        static MultiScaleReport MultiScale(NoisePyramid model)
        {
            using var source = new MemorySource(40, i => TestImages.Noise(8, 8, i));
            return ParzenEvaluation.Run(model, source, null, Plan, 15, new EvaluationOptions { Samples = 50 }).MultiScale!;
        }
    }

    [Theory]
    [InlineData("in one step", 8)]
    [InlineData("halves the side", 8, 6)]
    public void A_pyramid_that_the_multi_scale_measure_does_not_fit_gets_the_plain_one_and_the_reason(string reason, params int[] sides)
    {
        using var source = new MemorySource(20, i => TestImages.Noise(8, 8, i));
        ParzenReport report = ParzenEvaluation.Run(new NoisePyramid(0, 1, sides), source, null, Plan, 5, new EvaluationOptions { Samples = 20 });
        Assert.Null(report.MultiScale);
        Assert.Contains(reason, report.WhyNotMultiScale, StringComparison.Ordinal);
    }

    [Fact]
    public void Too_few_images_to_hold_some_out_are_refused_in_words()
    {
        using var source = new MemorySource(9, i => TestImages.Noise(8, 8, i));
        using var model = new Playback((count, _) => Images(100, count), 8);
        SubbandException error = Assert.Throws<SubbandException>(
            () => ParzenEvaluation.Run(model, source, null, Plan, 0, new EvaluationOptions { Samples = 20 }));
        Assert.Contains("9 usable images", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Grey_images_are_measured_as_grey_ones_of_three_equal_colours()
    {
        using var features = SqueezeNetFeatures.Load(TestData.Path("weights/squeezenet1_1.safetensors"));
        using var source = new MemorySource(30, i => TestImages.Noise(8, 8, i));
        using var model = new Playback((count, _) => In(PixelColour.Grey, count), 8);
        BatchPlan grey = Plan with { Colour = PixelColour.Grey };
        EvaluationOptions options = new() { Samples = 30 };
        Assert.Equal(0, Distance(model, source, features, options, grey).Value, 1e-6);
        Assert.True(Distance(model, source, features, options, Plan).Value > 1);
        // One dimension a pixel, not three.
        using var other = new Playback((count, _) => In(PixelColour.Grey, count, 100), 8);
        Assert.Equal(8 * 8, ParzenEvaluation.Run(other, source, null, grey, 0, options).Test.Dimensions);

        using var opaque = new Playback((count, _) => In(PixelColour.Rgba, count), 8);
        Assert.Equal(0, Distance(opaque, source, features, options, Plan with { Colour = PixelColour.Rgba }).Value, 1e-6);

        static Tensor In(PixelColour colour, int count, int first = 0) => TensorImages.ToTensor(
            [.. Enumerable.Range(first, count).Select(i => TestImages.Noise(8, 8, i).To(colour))], PixelRange.Signed);
    }

    [Fact]
    public void Neighbours_are_found_in_the_source_and_shown_beside_the_samples()
    {
        using var source = new MemorySource(20, i => TestImages.Noise(8, 8, i));
        Rgb8Image[] samples = [TestImages.Noise(8, 8, 7), TestImages.Noise(8, 8, 11)];
        SampleNeighbours found = SampleNeighbours.Find(samples, source, Plan, 3, new EvaluationOptions());
        Assert.Equal([7, 11], found.Nearest.Select(near => near[0].Item));
        Assert.Equal(0, found.Nearest[0][0].Distance, 1e-9);
        Assert.Equal(20, found.Compared);
        Assert.Equal(samples[1].Pixels, found.Pictures[11].Pixels);
        LabelledSheet sheet = found.Sheet();
        Assert.Equal(["sample", "nearest", "2nd", "3rd"], sheet.ColumnTitles);
        Assert.Equal("0.0", sheet.Captions[0][1]);
        Assert.True(sheet.Render().Height > 2 * (96 + 6 + 10));
    }

    // Noise images as a model would give them: [-1, 1].
    private static FrechetScore Distance(
        IImageGenerator model, IImageSource source, SqueezeNetFeatures features, EvaluationOptions options, BatchPlan? plan = null)
    {
        using var reference = FrechetReference.Of(source, plan ?? Plan, features, options);
        return reference.Distance(model, options);
    }

    private static Tensor Images(int first, int count) => TensorImages.ToTensor(
        [.. Enumerable.Range(first, count).Select(i => TestImages.Noise(8, 8, i % 1000))], PixelRange.Signed);
}
