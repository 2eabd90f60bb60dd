namespace Subband.Imaging;

/// <summary>Puts many small pictures of one size on one sheet, row by row. Needs no image library.</summary>
public static class SampleGrid
{
    /// <summary>The longer side that small pictures are shown with at least about, in pixels.</summary>
    public const int ShownSide = 96;

    /// <summary>The grey level of the paper: nearly white, so that white pictures still show their edges.</summary>
    public const byte Paper = 250;

    /// <summary>The whole number by which a picture is enlarged to be seen well: 32 to 96, 28 to 84, 100 not at all.</summary>
    /// <param name="height">The picture's height.</param>
    /// <param name="width">The picture's width.</param>
    public static int ScaleFor(int height, int width) => Math.Max(1, ShownSide / Math.Max(height, width));

    /// <summary>Makes a sheet.</summary>
    /// <param name="images">At least one, all of one size. The last row may stay unfilled.</param>
    /// <param name="columns">Pictures a row; 0 takes as many as make the sheet about square.</param>
    /// <param name="scale">Each pixel becomes a square of this side; 0 takes <see cref="ScaleFor"/>.</param>
    /// <param name="gap">Pixels between pictures and around all of them.</param>
    /// <param name="paper">The grey level between the pictures.</param>
    /// <exception cref="ArgumentException">There is no picture, or the sizes differ.</exception>
    public static Rgb8Image Compose(
        IReadOnlyList<Rgb8Image> images, int columns = 0, int scale = 0, int gap = 4, byte paper = Paper)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentOutOfRangeException.ThrowIfNegative(columns);
        ArgumentOutOfRangeException.ThrowIfNegative(scale);
        ArgumentOutOfRangeException.ThrowIfNegative(gap);
        if (images.Count == 0)
        {
            throw new ArgumentException("A sheet needs at least one picture, there is none.", nameof(images));
        }

        (int height, int width) = (images[0].Height, images[0].Width);
        for (int i = 1; i < images.Count; i++)
        {
            if (images[i].Height != height || images[i].Width != width)
            {
                throw new ArgumentException(
                    $"Picture {i} is {images[i].Width}x{images[i].Height}, the first {width}x{height}: one size is expected.",
                    nameof(images));
            }
        }

        scale = scale == 0 ? ScaleFor(height, width) : scale;
        columns = columns == 0 ? (int)Math.Ceiling(Math.Sqrt((double)images.Count * height / width)) : columns;
        columns = Math.Min(columns, images.Count);
        int rows = (images.Count + columns - 1) / columns;
        (int stepX, int stepY) = ((width * scale) + gap, (height * scale) + gap);
        var canvas = new Canvas((columns * stepX) + gap, (rows * stepY) + gap, paper);
        for (int i = 0; i < images.Count; i++)
        {
            canvas.Draw(images[i], gap + (i % columns * stepX), gap + (i / columns * stepY), scale);
        }

        return canvas.ToImage();
    }
}
