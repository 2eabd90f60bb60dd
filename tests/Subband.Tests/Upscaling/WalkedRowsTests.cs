using NetVips;
using Subband.Tests.Imaging;
using Subband.Torch;
using Subband.Upscaling;

namespace Subband.Tests.Upscaling;

/// <summary>A picture that a model takes by its rows, against the same picture in a single tile.</summary>
[Collection(nameof(DirectVipsUse))]
public sealed class WalkedRowsTests : IDisposable
{
    private const int Reach = 4; // of the model

    private readonly UpscalingBench _bench = new();
    private readonly List<string> _notes = [];

    [Theory]
    [InlineData(75, 58, 3, 75, 8)]
    [InlineData(75, 58, 3, 20, 12)] // in columns, the last of which is narrow
    [InlineData(64, 40, 1, 32, 64)]
    [InlineData(31, 1, 3, 31, 8)]
    [InlineData(1, 33, 3, 1, 8)]
    [InlineData(3, 2, 3, 3, 8)]
    public void It_is_what_a_single_tile_gives(int width, int height, int channels, int columns, int rows)
    {
        using UpscalingModel model = UpscalingBench.Model(new ConvolutionUpscaler(1, 2, 3) { TakesRows = true });
        foreach (int scale in (int[])[2, 3])
        {
            Image picture = UpscalingBench.Picture(width, height, channels, UpscalingBench.Scene);
            AssertEqual(Whole(picture, model, scale), Walked(picture, model, scale, new TilePlan(columns, rows, Reach, 0, Reach)));
        }

        Assert.Empty(_notes);
    }

    [Fact]
    public void Where_memory_runs_out_it_goes_on_with_fewer_rows_and_narrower_columns_and_says_so()
    {
        using UpscalingModel plenty = UpscalingBench.Model(new ConvolutionUpscaler { TakesRows = true });
        using UpscalingModel little = UpscalingBench.Model(new ConvolutionUpscaler { TakesRows = true, MostPixels = 8 * 48 });
        Image picture = UpscalingBench.Picture(80, 50, 3, UpscalingBench.Scene);

        float[] walked = Walked(picture, little, 2, new TilePlan(80, 32, Reach, 0, Reach));

        AssertEqual(Whole(picture, plenty, 2), walked);
        Assert.Equal(3, _notes.Count); // 16 rows, 8, and half the width
        Assert.All(_notes, note => Assert.Contains("memory ran out", note, StringComparison.Ordinal));
    }

    [Fact]
    public void Where_it_never_suffices_it_says_so()
    {
        using UpscalingModel none = UpscalingBench.Model(new ConvolutionUpscaler { TakesRows = true, MostPixels = 5 });
        SubbandException error = Assert.ThrowsAny<SubbandException>(
            () => Walked(UpscalingBench.Picture(40, 30, 3, UpscalingBench.Scene), none, 2, new TilePlan(40, 8, Reach, 0, Reach)));
        Assert.Contains("not enough memory", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_no_number_in_bf16_is_computed_again_and_else_it_fails()
    {
        using UpscalingModel shaky = UpscalingBench.Model(new ConvolutionUpscaler { TakesRows = true, BreaksInBf16Only = true }, UpscalingPrecision.Bf16);
        using UpscalingModel exact = UpscalingBench.Model(new ConvolutionUpscaler { TakesRows = true });
        using UpscalingModel broken = UpscalingBench.Model(new ConvolutionUpscaler { TakesRows = true, BreaksInBf16Only = false });
        Image picture = UpscalingBench.Picture(40, 30, 3, UpscalingBench.Scene);
        TilePlan plan = new(40, 8, Reach, 0, Reach);

        AssertEqual(Whole(picture, exact, 2), Walked(picture, shaky, 2, plan));

        Assert.Contains("single precision", Assert.Single(_notes), StringComparison.Ordinal);
        SubbandException error = Assert.ThrowsAny<SubbandException>(() => Walked(picture, broken, 2, plan));
        Assert.Contains("no finite numbers", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void It_is_how_a_photograph_goes_through_a_network_and_tiles_are_for_whoever_asks_for_them()
    {
        _bench.Write("in.png", UpscalingBench.Picture(70, 50, 3, UpscalingBench.Scene));
        using UpscalingModel model = UpscalingBench.Model(new ConvolutionUpscaler { TakesRows = true });
        UpscaledFile byRows = _bench.Run(model, UpscalingBench.By(2), "in.png", "rows.png");
        UpscaledFile inTiles = _bench.Run(model, UpscalingBench.By(2) with { TileSide = 32 }, "in.png", "tiles.png");
        Assert.Equal(70, byRows.TileWidth);
        Assert.InRange(inTiles.TileWidth, 1, 32);
        Assert.InRange(_bench.Difference("rows.png", "tiles.png"), 0, 1);
    }

    [Theory]
    [InlineData(600, 400, 20_000, 600)]
    [InlineData(60_000, 10, 20_000, 1_700)] // too wide for 256 MiB at eight rows
    public void Rows_and_columns_follow_from_the_memory_that_a_pixel_takes(int width, int height, double bytes, int mostColumns)
    {
        TilePlan plan = TilePlan.ByRows(width, height, 21, new TileMemory(bytes, 256L << 20, 1L << 30));
        Assert.InRange(plan.Width, 1, mostColumns);
        Assert.InRange(plan.Height, 8, 64);
        Assert.Equal(0, plan.Height % 4);
        Assert.InRange((plan.Width + 42) * (double)plan.Height * bytes, 1, 1.1 * (256L << 20));
    }

    public void Dispose() => _bench.Dispose();

    private float[] Whole(Image picture, UpscalingModel model, int scale)
    {
        using TiledRows rows = new(
            Rows(picture), model, scale, new TilePlan(picture.Width, picture.Height, Reach, 0), _notes.Add, TestContext.Current.CancellationToken);
        return All(rows);
    }

    private float[] Walked(Image picture, UpscalingModel model, int scale, TilePlan plan)
    {
        using WalkedRows rows = new(Rows(picture), model, scale, plan, _notes.Add, TestContext.Current.CancellationToken);
        return All(rows);
    }

    private IRowStream Rows(Image picture)
    {
        using Image copy = picture.Copy();
        return Photograph.Open(_bench.Write("in.png", copy), 1_000_000).Rows();
    }

    private static float[] All(IRowStream rows)
    {
        List<float> all = [];
        for (ReadOnlySpan<float> next = rows.Next(); !next.IsEmpty; next = rows.Next())
        {
            all.AddRange(next);
        }

        Assert.Equal(rows.Width * rows.Height * rows.Channels, all.Count);
        return [.. all];
    }

    private static void AssertEqual(float[] expected, float[] found)
    {
        Assert.Equal(expected.Length, found.Length);
        Assert.InRange(expected.Zip(found, (a, b) => Math.Abs(a - b)).Max(), 0, 1e-5);
    }
}
