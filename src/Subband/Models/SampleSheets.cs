using Subband.Imaging;

namespace Subband.Models;

/// <summary>Sheets of a model's samples, for any model that makes images from nothing.</summary>
public static class SampleSheets
{
    private const int SamplesAboutASheet = 64;
    private const int SamplesAClass = 10;

    /// <summary>
    /// How many samples fill a sheet well: ten of each class, of many classes fewer; 64 where there are no classes.
    /// </summary>
    /// <param name="classes">The number of classes.</param>
    public static int GoodCount(int classes) => classes switch
    {
        0 => SamplesAboutASheet,
        _ => classes * Math.Clamp(SamplesAClass * SamplesAClass / classes, 1, SamplesAClass),
    };

    /// <summary>All samples in a square, or, where classes alternate, a row for each class with its name.</summary>
    /// <param name="images">The samples, in the order in which the model made them.</param>
    /// <param name="classes">The classes in turn, the first sample's first; empty for a plain square.</param>
    /// <exception cref="ImageFileException">There are classes, whose names libvips draws, and libvips is missing.</exception>
    public static Rgb8Image Plain(IReadOnlyList<Rgb8Image> images, IReadOnlyList<string> classes)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(classes);
        if (classes.Count == 0)
        {
            return SampleGrid.Compose(images);
        }

        var used = Math.Min(classes.Count, images.Count);
        return new LabelledSheet
        {
            Rows = [.. Enumerable.Range(0, used).Select(c => images.Where((_, i) => i % classes.Count == c).ToArray())],
            RowTitles = [.. classes.Take(used)],
        }.Render();
    }
}
