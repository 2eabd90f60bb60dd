using Subband.Data;
using Subband.Imaging;
using Subband.Metrics;
using Subband.Torch;

namespace Subband.Evaluation;

/// <summary>The one size in pixels that all images of a comparison of spectra have.</summary>
/// <param name="Plan">How images are brought to it.</param>
/// <param name="Like">
/// The name of the image whose size it is, where images are taken as they are and another size is an error; null where they are resized.
/// </param>
internal sealed record SpectrumSize(BatchPlan Plan, string? Like)
{
    /// <summary>Finds it: the wanted size, else that of the models, else that of the first image.</summary>
    /// <param name="inputs">At least one.</param>
    /// <param name="wanted">The size that was asked for; null for none.</param>
    /// <exception cref="UsageException">A model makes images of another size, or spectra are not taken of this one.</exception>
    /// <exception cref="SubbandException">No image can be read.</exception>
    public static SpectrumSize Of(IReadOnlyList<SpectrumInput> inputs, (int Width, int Height)? wanted)
    {
        SpectrumModel[] models = [.. inputs.OfType<SpectrumModel>()];
        SpectrumSize size = (wanted, models) switch
        {
            ((int width, int height), _) => new SpectrumSize(
                Still(width, height) with { Colour = models.FirstOrDefault()?.Plan.Colour ?? PixelColour.Rgb }, null),
            (null, [SpectrumModel first, ..]) => new SpectrumSize(first.Plan, null),
            _ => LikeFirstImage(((SpectrumImages)inputs[0]).Source),
        };
        BatchPlan plan = size.Plan;
        SpectrumStatistics.RequireSides(plan.Height, plan.Width);
        foreach (SpectrumModel model in models.Where(model => model.Model.Width != plan.Width || model.Model.Height != plan.Height))
        {
            throw new UsageException(wanted is null
                ? $"{models[0].Label} makes images of {plan.Width}x{plan.Height} pixels and {model.Label} of {Pixels(model)}: spectra of different sizes cannot be compared."
                : $"{model.Label} makes images of {Pixels(model)} pixels, which cannot be brought to {plan.Width}x{plan.Height}; leave out --size.");
        }

        return size;
    }

    private static string Pixels(SpectrumModel model) => $"{model.Model.Width}x{model.Model.Height}";

    private static BatchPlan Still(int width, int height) => new() { Width = width, Height = height, BatchSize = 1 };

    private static SpectrumSize LikeFirstImage(IImageSource source)
    {
        long count = source.Count ?? 1;
        string? refused = null;
        for (long item = 0; item < count; item++)
        {
            try
            {
                Rgb8Image image = source.Read(item);
                return new SpectrumSize(Still(image.Width, image.Height), $"{source.ItemName(item)} of {source.Name}");
            }
            catch (ImageFileException e) when (e.Reason is not null)
            {
                refused ??= e.Message;
            }
        }

        throw new SubbandException($"None of the {count} images of {source.Name} can be decoded; {refused}");
    }
}
