using System.Globalization;
using Subband.Torch;

namespace Subband.Upscaling;

/// <summary>How an image is cut into tiles, in pixels of the small image.</summary>
/// <param name="Width">Of a tile's own part.</param>
/// <param name="Height">Of a tile's own part.</param>
/// <param name="Overlap">How many pixels beyond its own part a tile sees; beyond the image, its mirror image.</param>
/// <param name="Blend">Over how many pixels on either side of a seam two tiles pass into each other; 0 where they are equal there.</param>
/// <param name="Margin">
/// Where the model takes a picture by its rows: how many pixels of the mirror image it sees beyond the edge. Then the tiles are as many
/// columns, through which <paramref name="Height"/> rows go at a time. Null for tiles that the model is given one by one.
/// </param>
internal readonly record struct TilePlan(int Width, int Height, int Overlap, int Blend, int? Margin = null)
{
    /// <summary>The smallest side of a tile's own part, below which there is no halving.</summary>
    public const int SmallestSide = 16;

    private const int LargestSide = 512;
    private const int GlobalOverlap = 32;
    private const int WholeOverlap = 16;
    private const long MostBandSamples = 8L << 20;

    // Rows at a time: enough for all cores, and few where the picture is wide, for memory and the processor's cache.
    private const double RowsPixels = 32768;
    private const int FewestRows = 8;
    private const int MostRows = 64;
    private const int RowsOfBlock = 4; // of the convolutions

    // With RDN, VDSR and SRGAN's network, zeros beyond it change one sample in 20,000 by more than a grey level, and none by more than three.
    private const int EdgeMargin = 6;

    /// <summary>Plans the tiles of an image.</summary>
    /// <param name="width">The image's.</param>
    /// <param name="height">The image's.</param>
    /// <param name="scale">The model's factor.</param>
    /// <param name="reach">The model's, or null.</param>
    /// <param name="side">The wanted side of a tile, or null for what memory allows.</param>
    /// <param name="memory">What memory allows.</param>
    public static TilePlan Make(int width, int height, int scale, int? reach, int? side, TileMemory memory)
    {
        if (side is null && reach is null && memory.BytesAPixel * width * height <= memory.WholeBytes)
        {
            return new TilePlan(width, height, WholeOverlap, 0);
        }

        int overlap = reach ?? GlobalOverlap;
        int blend = reach is null ? GlobalOverlap / 2 : 0;
        double pixels = memory.TileBytes / memory.BytesAPixel;
        int tile = side ?? Math.Clamp((int)Math.Sqrt(pixels) - (2 * overlap), SmallestSide, LargestSide);
        tile = Math.Max(tile, 2 * blend);

        // Rows wait for their neighbours, and a whole band of them waits to be written.
        long rowSamples = 3L * width * scale * scale;
        int tileHeight = (int)Math.Clamp(MostBandSamples / rowSamples, Math.Max(1, 2 * blend), tile);
        return new TilePlan(Even(width, tile, 2 * blend), Even(height, tileHeight, 2 * blend), overlap, blend);
    }

    /// <summary>Plans how an image goes through a model by its rows.</summary>
    /// <param name="width">The image's.</param>
    /// <param name="height">The image's.</param>
    /// <param name="reach">The model's.</param>
    /// <param name="memory">What memory allows.</param>
    public static TilePlan ByRows(int width, int height, int reach, TileMemory memory)
    {
        int margin = Math.Min(reach, EdgeMargin);
        double pixels = Math.Min(RowsPixels, memory.TileBytes / memory.BytesAPixel);
        int rows = (int)Math.Clamp(pixels / width, FewestRows, MostRows) / RowsOfBlock * RowsOfBlock;
        int columns = Math.Max(SmallestSide, (int)(memory.TileBytes / memory.BytesAPixel / rows) - (2 * reach));
        return new TilePlan(rows > FewestRows ? width : Even(width, columns, 0), Math.Min(rows, height + (2 * margin)), reach, 0, margin);
    }

    /// <summary>The same with half the side.</summary>
    /// <returns>Null where the tiles are as small as they get.</returns>
    public TilePlan? Halved()
    {
        if (Margin is not null)
        {
            return Height > FewestRows ? this with { Height = Math.Max(FewestRows, Height / 2) }
                : Width > SmallestSide ? this with { Width = Math.Max(SmallestSide, Width / 2) }
                : null;
        }

        int least = Math.Max(SmallestSide, 2 * Blend);
        return Width <= least && Height <= least
            ? null
            : this with { Width = Math.Max(Math.Min(Width, least), Width / 2), Height = Math.Max(Math.Min(Height, least), Height / 2) };
    }

    /// <summary>A whole image that has to be cut after all.</summary>
    public TilePlan CutBlended() => this with { Overlap = GlobalOverlap, Blend = GlobalOverlap / 2 };

    /// <summary>Says that memory ran out, and what is done instead.</summary>
    /// <param name="smaller">What is done instead; null where nothing is left to try.</param>
    /// <param name="error">What happened.</param>
    /// <param name="say">Told what is done instead.</param>
    /// <exception cref="SubbandException">Nothing is left to try.</exception>
    public TilePlan ReplacedBy(TilePlan? smaller, Exception error, Action<string> say)
    {
        if (smaller is not { } plan)
        {
            throw new SubbandException(
                $"There is not enough memory for {this}, and less at a time is of no use; free memory, or take a smaller model.", error);
        }

        say($"memory ran out: {plan} instead of {this}");
        return plan;
    }

    /// <summary>The tiles for people: <c>tiles of 512x256 pixels</c>, <c>64 rows of 600 pixels at a time</c>.</summary>
    public override string ToString() => Margin is null
        ? string.Create(CultureInfo.InvariantCulture, $"tiles of {Width}x{Height} pixels")
        : string.Create(CultureInfo.InvariantCulture, $"{Height} rows of {Width} pixels at a time");

    // tiles of one size, rather than many large ones and a sliver
    private static int Even(int length, int tile, int least)
    {
        int count = (length + tile - 1) / tile;
        count = least > 0 ? Math.Clamp(length / least, 1, count) : count;
        return (length + count - 1) / count;
    }
}
