using System.Globalization;
using Subband.Imaging;

namespace Subband.Data;

/// <summary>
/// Which images form which batch and how they are brought to size. Together with a source it determines every batch: batch
/// number i is the same bytes on every machine, with any number of threads, after any interruption.
/// </summary>
/// <remarks>
/// An image is first resized, keeping its proportions, so that it covers the wanted size (or has the wanted short side),
/// and rounded to 8 bits; then the wanted size is cut out; then it may be mirrored. Byte v becomes <c>v/127.5 - 1</c>. Grey is made
/// of the resized colours; opacity is resized as a colour is, and colours are not multiplied by it.
/// Where a batch holds <see cref="Coarse"/> images too, nothing is resized, since that would change what detail is: patches
/// are cut at random from the images as they are, and one that is smaller than a patch is continued by its mirror image.
/// </remarks>
public sealed record BatchPlan
{
    /// <summary>Height of the images in pixels.</summary>
    public required int Height { get; init; }

    /// <summary>Width of the images in pixels.</summary>
    public required int Width { get; init; }

    /// <summary>What the pixels hold.</summary>
    public PixelColour Colour { get; init; } = PixelColour.Rgb;

    /// <summary>Values of a pixel: 1, 3 or 4.</summary>
    public int Channels => Colour.Channels();

    /// <summary>Images a batch.</summary>
    public required int BatchSize { get; init; }

    /// <summary>What order, crops and mirroring depend on.</summary>
    public ulong Seed { get; init; }

    /// <summary>The order of the images. A source without end is always read in sequence.</summary>
    public BatchOrder Order { get; init; } = BatchOrder.ShuffledEpochs;

    /// <summary>Whether each image is mirrored left to right with probability 1/2.</summary>
    public bool Flip { get; init; }

    /// <summary>Whether each patch is also turned upside down and transposed, each with probability 1/2; with <see cref="Coarse"/> only.</summary>
    public bool Turn { get; init; }

    /// <summary>The small version of each image that a batch holds beside it; null for none.</summary>
    public CoarseImages? Coarse { get; init; }

    /// <summary>Where the wanted size is cut out of the resized image.</summary>
    public CropRule Crop { get; init; } = CropRule.Centre;

    /// <summary>
    /// The short side that images are resized to before cutting, such as 32 for cutting 28x28 out of 32x32; null: as small
    /// as covers the wanted size. An image is never made too small to cover it.
    /// </summary>
    public int? ShortSide { get; init; }

    /// <summary>Whether images without a class are an error; otherwise their label is -1.</summary>
    public bool RequireLabels { get; init; }

    /// <summary>Refuses impossible numbers.</summary>
    /// <exception cref="UsageException">A number is out of its range; the message says which.</exception>
    internal void Validate()
    {
        const int MaxSide = 1 << 14;
        RequireRange("height", Height, MaxSide);
        RequireRange("width", Width, MaxSide);
        RequireRange("batch size", BatchSize, int.MaxValue);
        RequireRange("short side", ShortSide ?? 1, MaxSide);
        Coarse?.Validate(Height, Width);
        if (Turn && (Coarse is null || Height != Width))
        {
            throw new UsageException($"Only square patches with small versions can be turned, not images of {Width}x{Height}.");
        }

        if (Coarse is not null && Colour != PixelColour.Rgb)
        {
            throw new UsageException($"Small versions are made of images in red, green and blue, not of {Colour}.");
        }

        if ((long)Channels * Height * Width * BatchSize > Array.MaxLength)
        {
            throw new UsageException(string.Create(
                CultureInfo.InvariantCulture, $"A batch of {BatchSize} images of {Width}x{Height} is too large for one array; make the batch smaller."));
        }

        static void RequireRange(string what, int value, int max)
        {
            if (value < 1 || value > max)
            {
                throw new UsageException(string.Create(CultureInfo.InvariantCulture, $"The {what} of the images should be from 1 to {max}, not {value}."));
            }
        }
    }
}

/// <summary>The order in which batches go through a source.</summary>
public enum BatchOrder
{
    /// <summary>Every image once an epoch, in a new random order each. Epochs follow each other without a gap, so that a
    /// batch may hold the end of one and the beginning of the next.</summary>
    ShuffledEpochs,

    /// <summary>Every image drawn at random from all of them.</summary>
    WithReplacement,

    /// <summary>In the order of the source, again and again.</summary>
    Sequential,
}

/// <summary>Where the wanted size is cut out of a larger image.</summary>
public enum CropRule
{
    /// <summary>From the middle; an odd pixel is left at the right and at the bottom.</summary>
    Centre,

    /// <summary>From a place drawn anew each time the image is shown, at most the middle 16 widths and heights.</summary>
    Random,
}
