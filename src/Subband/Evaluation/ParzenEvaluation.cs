using Subband.Data;
using Subband.Imaging;
using Subband.Metrics;
using Subband.Models;
using Subband.Torch;

namespace Subband.Evaluation;

/// <summary>
/// Parzen-window log-likelihoods of true images under a model: the plain measure for any, the multi-scale one for pyramids
/// that halve the side; see <c>docs/parzen.md</c>.
/// </summary>
public static class ParzenEvaluation
{
    /// <summary>How many true images are looked at, at most, evenly spread over the source.</summary>
    public const int MostImages = 10_000;

    /// <summary>How many images a width is chosen on, at most.</summary>
    public const int MostValidationImages = 1_000;

    /// <summary>Without validation images of their own, every image of this number is one and is not tested on.</summary>
    public const int HeldOutOf = 10;

    private const ulong Stream = 0x5041_525A;

    // The width of the multi-scale measure needs fewer images, each of which the model draws a hundred bands a level for.
    private const int MostMultiScaleValidation = 200;

    /// <summary>Measures a model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="test">The images whose likelihood is told, at most <see cref="MostImages"/>.</param>
    /// <param name="validation">
    /// The images on which widths are chosen; null for every tenth of the test images, which are then not tested on.
    /// </param>
    /// <param name="plan">How true images are brought to the model's size.</param>
    /// <param name="multiScaleImages">
    /// On how many test images the multi-scale measure is told; it takes a hundred draws a level for each. 0 leaves it out.
    /// </param>
    /// <param name="options">How many samples, and from which random numbers.</param>
    /// <exception cref="SubbandException">There are too few images, or the data cannot be read.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static ParzenReport Run(
        IImageGenerator model,
        IImageSource test,
        IImageSource? validation,
        BatchPlan plan,
        int multiScaleImages,
        EvaluationOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(test);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfNegative(multiScaleImages);
        using var noGrad = Autograd.NoGrad();
        using var scope = new TensorScope();
        var (tested, validated) = TrueImages(test, validation, plan, options); // bytes [T, C, H, W], [V, C, H, W]
        var samples = Dimensions(GeneratedImages.All(model, options), plan); // bytes [N, C, H, W]
        options.Tell("Parzen window", 0, 1);
        var plain = Parzen.Evaluate(samples, validated, tested, cancellation: options.Stop);
        options.Tell("Parzen window", 1, 1);
        var multiScale = MultiScale(model, tested, validated, multiScaleImages, options, out var whyNot);
        return new ParzenReport(
            plain.Test.InUnitsOf(255), // bytes to [0,1]
            plain.Width with { Value = plain.Width.Value / 255 },
            plain.Samples,
            validated.Size(0),
            Parzen.PixelDeviation(tested) / 255,
            multiScale,
            whyNot);
    }

    private static (Tensor Test, Tensor Validation) TrueImages(
        IImageSource test, IImageSource? validation, BatchPlan plan, EvaluationOptions options)
    {
        var all = Read(test, plan, MostImages, "Reading test images", options);
        if (validation is not null)
        {
            return (all, Read(validation, plan, MostValidationImages, "Reading validation images", options));
        }

        var count = all.Size(0);
        if (count < HeldOutOf)
        {
            throw new SubbandException(
                $"{test.Name} has {count} usable images, of which too few can be held out to choose the kernels' width on. "
                + "Give more images, or others to validate on.");
        }

        long[] held = [.. Enumerable.Range(0, (int)count).Where(i => i % HeldOutOf == 0).Select(i => (long)i)];
        long[] others = [.. Enumerable.Range(0, (int)count).Where(i => i % HeldOutOf != 0).Select(i => (long)i)];
        return (all.IndexSelect(0, Tensor.From(others)), all.IndexSelect(0, Tensor.From(held)));
    }

    private static Tensor Read(IImageSource source, BatchPlan plan, long most, string activity, EvaluationOptions options)
    {
        var total = ImagePass.Length(source, most);
        var parts = new List<Tensor>();
        var done = 0L;
        foreach (var images in ImagePass.Over(source, plan, most, options.DataThreads, options.Stop))
        {
            parts.Add(Dimensions(Tensor.From(images.Pixels, images.Items.Count, 3, images.Height, images.Width), plan));
            options.Tell(activity, done += images.Items.Count, total);
        }

        var whole = Tensor.Cat([.. parts]);
        parts.ForEach(part => part.Dispose());
        return whole;
    }

    // Three equal colours are one dimension of a density, not three.
    private static Tensor Dimensions(Tensor images, BatchPlan plan) => plan.Colour == PixelColour.Grey ? images.Narrow(1, 0, 1) : images;

    private static MultiScaleReport? MultiScale(
        IImageGenerator model, Tensor test, Tensor validation, int most, EvaluationOptions options, out string? whyNot)
    {
        whyNot = model switch
        {
            _ when most == 0 => "It was left out.",
            IPyramidGenerator { Sides.Count: 1 } => "The model draws its images in one step and has no levels.",
            IPyramidGenerator => null,
            _ => "The model is no pyramid of generators.",
        };
        if (whyNot is not null)
        {
            return null;
        }

        var pyramid = (IPyramidGenerator)model;
        MultiScaleParzen measure;
        try
        {
            measure = new MultiScaleParzen(pyramid.Sides, pyramid.DrawCoarsest, pyramid.DrawFiner) { CoarseSamples = options.Samples };
        }
        catch (SubbandException error)
        {
            whyNot = error.Message; // not every level halves the side
            return null;
        }

        using var scope = new TensorScope();
        using var random = new Generator(SeededRandom.For(options.Seed, Stream, 0).NextUInt64());
        var (testCodes, validationCodes) = (Codes(pyramid, test, most), Codes(pyramid, validation, MostMultiScaleValidation));
        var score = measure.Evaluate(
            validationCodes, testCodes, random, new Meter(share => options.Tell("Multi-scale Parzen window", share, 1)), options.Stop);
        var values = test.Count / test.Size(0);
        // From codes to pixels of [-1,1], and on to [0,1].
        var likelihood = (score.Test with { Mean = score.Test.Mean - pyramid.LogScale }).InUnitsOf(2);
        return new MultiScaleReport(
            likelihood with { Dimensions = values }, validationCodes.Size(0), score.Factors, pyramid.Sides);
    }

    // Some of the images, evenly spread, as the model's codes.
    private static Tensor Codes(IPyramidGenerator model, Tensor images, int most)
    {
        using var scope = new TensorScope();
        var (count, wanted) = (images.Size(0), Math.Min(images.Size(0), most));
        long[] chosen = [.. Enumerable.Range(0, (int)wanted).Select(i => i * count / wanted)];
        var signed = (images.IndexSelect(0, Tensor.From(chosen)).To(DType.Float32) / 127.5) - 1; // [n, 3, H, W] in [-1, 1]
        return scope.Keep(model.Encode(signed).To(Device.Cpu));
    }

    private sealed class Meter(Action<double> tell) : IProgress<double>
    {
        public void Report(double value) => tell(value);
    }
}
