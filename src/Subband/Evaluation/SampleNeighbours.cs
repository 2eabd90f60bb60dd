using System.Globalization;
using Subband.Data;
using Subband.Imaging;
using Subband.Metrics;
using Subband.Torch;

namespace Subband.Evaluation;

/// <summary>
/// The training images that are nearest to a model's samples: whether it copies. Distances are those of
/// <see cref="NearestNeighbours"/>, in grey levels of 0 to 255.
/// </summary>
public sealed class SampleNeighbours
{
    private SampleNeighbours(
        IReadOnlyList<Rgb8Image> samples,
        IReadOnlyList<IReadOnlyList<Neighbour>> nearest,
        IReadOnlyDictionary<long, Rgb8Image> pictures,
        long compared)
    {
        Samples = samples;
        Nearest = nearest;
        Pictures = pictures;
        Compared = compared;
    }

    /// <summary>The samples.</summary>
    public IReadOnlyList<Rgb8Image> Samples { get; }

    /// <summary>For each sample its neighbours, the nearest first, by their numbers in the source.</summary>
    public IReadOnlyList<IReadOnlyList<Neighbour>> Nearest { get; }

    /// <summary>The neighbours' pictures, as they were compared but not mirrored.</summary>
    public IReadOnlyDictionary<long, Rgb8Image> Pictures { get; }

    /// <summary>How many images the samples were compared with.</summary>
    public long Compared { get; }

    /// <summary>Looks for neighbours in all images of a source.</summary>
    /// <param name="samples">At least one, all of one size.</param>
    /// <param name="source">The training images.</param>
    /// <param name="plan">How they are brought to the samples' size.</param>
    /// <param name="count">How many neighbours each sample gets.</param>
    /// <param name="options">Threads, progress and stop.</param>
    /// <exception cref="UsageException">The source has no end.</exception>
    /// <exception cref="SubbandException">The data cannot be read.</exception>
    public static SampleNeighbours Find(
        IReadOnlyList<Rgb8Image> samples, IImageSource source, BatchPlan plan, int count, EvaluationOptions options)
    {
        ArgumentNullException.ThrowIfNull(samples);
        ArgumentNullException.ThrowIfNull(options);
        using var search = Begin(samples, count);
        var (total, done) = (ImagePass.Length(source), 0L);
        foreach (var images in ImagePass.Over(source, plan, count: null, options.DataThreads, options.Stop))
        {
            using var scope = new TensorScope();
            search.Add(Tensor.From(images.Pixels, images.Items.Count, 3, images.Height, images.Width), images.Items);
            options.Tell("Comparing with training images", done += images.Items.Count, total);
        }

        var found = search.Nearest.SelectMany(near => near).Select(near => near.Item).Distinct();
        return new SampleNeighbours(
            samples, search.Nearest, found.ToDictionary(item => item, item => ImagePass.Picture(source, plan, item)), done);
    }

    /// <summary>A sheet with a row for each sample: the sample, then its neighbours with their distances.</summary>
    /// <param name="title">The text over the whole; empty for none.</param>
    /// <exception cref="ImageFileException">libvips, which draws the texts, is missing.</exception>
    public LabelledSheet Sheet(string title = "") => new()
    {
        Title = title,
        ColumnTitles = ["sample", "nearest", .. Enumerable.Range(2, Math.Max(0, Nearest[0].Count - 1)).Select(Ordinal)],
        Rows = [.. Samples.Zip(Nearest, (sample, near) => (Rgb8Image[])[sample, .. near.Select(PictureOf)])],
        Captions = [.. Nearest.Select(near => (string[])["", .. near.Select(Caption)])],
    };

    private static NearestNeighbours Begin(IReadOnlyList<Rgb8Image> samples, int count)
    {
        using var scope = new TensorScope();
        return new NearestNeighbours(GeneratedImages.ToBytes(TensorImages.ToTensor(samples, PixelRange.Signed)), count);
    }

    private Rgb8Image PictureOf(Neighbour near) => near.IsMirrored ? Mirrored(Pictures[near.Item]) : Pictures[near.Item];

    private static string Caption(Neighbour near) =>
        near.Distance.ToString("0.0", CultureInfo.InvariantCulture) + (near.IsMirrored ? " mirrored" : "");

    private static string Ordinal(int number) => number switch { 2 => "2nd", 3 => "3rd", _ => $"{number}th" };

    private static Rgb8Image Mirrored(Rgb8Image image)
    {
        var pixels = new byte[image.Pixels.Length];
        for (var p = 0; p < image.Width * image.Height; p++)
        {
            var (row, column) = Math.DivRem(p, image.Width);
            var mirrored = (row * image.Width) + image.Width - 1 - column;
            image.Pixels.AsSpan(p * 3, 3).CopyTo(pixels.AsSpan(mirrored * 3, 3));
        }

        return new Rgb8Image(image.Width, image.Height, pixels);
    }
}
