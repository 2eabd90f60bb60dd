using Subband.Data;
using Subband.Imaging;

namespace Subband.Tests.Data;

public sealed class CoarseImagesTests
{
    private static readonly BatchPlan Plan = new()
    {
        Height = 6,
        Width = 6,
        BatchSize = 8,
        Seed = 5,
        Flip = true,
        Turn = true,
        Coarse = new CoarseImages { Scales = [2] },
    };

    [Fact]
    public void Patch_and_small_patch_are_cut_from_the_whole_images_and_turned_alike()
    {
        Rgb8Image whole = TestImages.Noise(15, 13, 1);
        Rgb8Image small = MatlabResize.Resize(whole.Cut(new PixelWindow(0, 0, 14, 12)), 0.5);
        HashSet<PatchCut> found = [];

        foreach ((float[] patch, float[] coarse) in Pairs(new MemorySource(1, _ => whole), Plan, 20))
        {
            PatchCut cut = Assert.Single(AllCuts(whole, Plan), at => Patch(whole, at, 6).AsSpan().SequenceEqual(patch));
            Assert.Equal(0, cut.X % 2);
            Assert.Equal(0, cut.Y % 2);
            Assert.Equal(Patch(small, cut.Shrunk(2), 3), coarse);
            _ = found.Add(cut);
        }

        Assert.Equal(8, found.Select(cut => cut with { X = 0, Y = 0 }).Distinct().Count());
        Assert.Equal([0, 2, 4, 6, 8], found.Select(cut => cut.X).Distinct().Order());
        Assert.Equal([0, 2, 4, 6], found.Select(cut => cut.Y).Distinct().Order());
    }

    [Fact]
    public void A_network_that_works_at_full_size_is_given_every_scale_enlarged()
    {
        Rgb8Image whole = TestImages.Noise(13, 13, 2);
        BatchPlan plan = Plan with { Flip = false, Turn = false, Coarse = new CoarseImages { Scales = [2, 3, 4], IsEnlarged = true } };
        var enlarged = new[] { 2, 3, 4 }.ToDictionary(scale => scale, scale =>
        {
            int side = 13 / scale * scale;
            Rgb8Image small = MatlabResize.Resize(whole.Cut(new PixelWindow(0, 0, side, side)), 1.0 / scale);
            return Resampler.Resize(small, side, side, new Resampling(ResamplingKernel.Bicubic));
        });
        HashSet<int> scales = [];

        foreach ((float[] patch, float[] coarse) in Pairs(new MemorySource(1, _ => whole), plan, 12))
        {
            PatchCut cut = Assert.Single(AllCuts(whole, plan), at => Patch(whole, at, 6).AsSpan().SequenceEqual(patch));
            int scale = Assert.Single(
                enlarged.Keys,
                s => cut.X + 6 <= enlarged[s].Width && cut.Y + 6 <= enlarged[s].Height
                    && Patch(enlarged[s], cut, 6).AsSpan().SequenceEqual(coarse));
            _ = scales.Add(scale);
        }

        Assert.Equal([2, 3, 4], scales.Order());
    }

    [Fact]
    public void What_is_wanted_of_a_small_image_takes_the_images_place_and_is_asked_for_once()
    {
        Rgb8Image whole = TestImages.Noise(15, 13, 1);
        List<(int Width, int Height, int Scale)> asked = [];
        BatchPlan plan = Plan with
        {
            Coarse = new CoarseImages
            {
                Scales = [2],
                Wanted = (image, small, scale) =>
                {
                    lock (asked)
                    {
                        asked.Add((small.Width, small.Height, scale));
                    }

                    return new Rgb8Image(image.Width, image.Height, [.. image.Pixels.Select(value => (byte)(255 - value))]);
                },
            },
        };

        float[][] patches = [.. Pairs(new MemorySource(1, _ => whole), plan, 2).Select(pair => pair.Patch)];

        float[][] unasked = [.. Pairs(new MemorySource(1, _ => whole), Plan, 2).Select(pair => pair.Patch)];
        Assert.All(patches.Zip(unasked).SelectMany(pair => pair.First.Zip(pair.Second)), value => Assert.Equal(-value.Second, value.First, 1e-6f));
        Assert.All(asked, question => Assert.Equal((7, 6, 2), question));
        Assert.InRange(asked.Count, 1, 2); // two threads may want it at the same time
    }

    [Fact]
    public void An_image_smaller_than_a_patch_is_continued_by_its_mirror_image()
    {
        Rgb8Image tiny = TestImages.Noise(4, 9, 3);
        BatchPlan plan = Plan with { Flip = false, Turn = false };

        (float[] patch, float[] _) = Pairs(new MemorySource(1, _ => tiny), plan, 1).First();

        float[] row = patch[..6];
        Assert.Equal(row[3], row[4]);
        Assert.Equal(row[2], row[5]);
    }

    [Fact]
    public void An_epoch_shows_every_image_at_each_of_its_sizes()
    {
        Rgb8Image[] wholes = [.. Enumerable.Range(0, 4).Select(i => TestImages.Noise(13, 11, i))];
        double[] sizes = [1, 0.8];
        BatchPlan plan = Plan with { Flip = false, Turn = false, Coarse = new CoarseImages { Scales = [1], Sizes = sizes } };
        Rgb8Image[] expected = [.. wholes.SelectMany(whole => sizes.Select(size => size == 1 ? whole : MatlabResize.Resize(whole, size)))];
        Assert.Equal((11, 9), (expected[1].Width, expected[1].Height));

        int[] shown = [.. Pairs(new MemorySource(4, i => wholes[i]), plan, 2)
            .Select(pair => Array.FindIndex(expected, image => AllCuts(image, plan).Any(at => Patch(image, at, 6).AsSpan().SequenceEqual(pair.Patch))))];

        Assert.Equal(Enumerable.Range(0, 8), shown[..8].Order());
        Assert.Equal(Enumerable.Range(0, 8), shown[8..].Order());
    }

    [Theory]
    [InlineData(1.5)]
    [InlineData(0)]
    [InlineData(double.NaN)]
    public void A_size_is_a_part(double size)
    {
        BatchPlan plan = Plan with { Coarse = new CoarseImages { Scales = [2], Sizes = [1, size] } };
        Assert.Contains("from 0.1 to 1", Assert.Throws<UsageException>(plan.Validate).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_notes_way_keeps_what_smoothing_would_take_away()
    {
        byte[] stripes = [.. Enumerable.Range(0, 16 * 16 * 3).Select(i => (byte)(i / 3 % 4 == 0 ? 255 : 0))];
        Rgb8Image whole = new(16, 16, stripes);

        byte[] smoothed = new CoarseImages { Scales = [4] }.Of(whole)[0].Pixels.Pixels;
        byte[] aliased = new CoarseImages { Scales = [4], Degradation = Degradation.Aliased }.Of(whole)[0].Pixels.Pixels;

        Assert.InRange(smoothed[27], 60, 68);   // a quarter of it is white
        Assert.NotInRange(aliased[27], 55, 73); // the taps -1/16, 9/16, 9/16, -1/16 see one stripe of four
    }

    [Theory]
    [InlineData(new int[0], false, "at least one from 1 to 16")]
    [InlineData(new[] { 17 }, false, "at least one from 1 to 16")]
    [InlineData(new[] { 2, 3 }, false, "have several sizes")]
    [InlineData(new[] { 4 }, false, "cannot be made smaller by 4")]
    public void What_cannot_be_is_refused(int[] scales, bool enlarged, string message)
    {
        BatchPlan plan = Plan with { Coarse = new CoarseImages { Scales = scales, IsEnlarged = enlarged } };

        UsageException error = Assert.Throws<UsageException>(plan.Validate);

        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    private static IEnumerable<(float[] Patch, float[] Coarse)> Pairs(MemorySource source, BatchPlan plan, int batches)
    {
        using BatchLoader loader = new(source, plan, threads: 2);
        for (int b = 0; b < batches; b++)
        {
            using ImageBatch batch = loader.Next(TestContext.Current.CancellationToken);
            int fine = batch.Pixels.Length / batch.Count;
            int coarse = batch.CoarsePixels.Length / batch.Count;
            Assert.Equal(3 * batch.CoarseHeight * batch.CoarseWidth, coarse);
            for (int i = 0; i < batch.Count; i++)
            {
                yield return (batch.Pixels[(i * fine)..((i + 1) * fine)], batch.CoarsePixels[(i * coarse)..((i + 1) * coarse)]);
            }
        }
    }

    private static IEnumerable<PatchCut> AllCuts(Rgb8Image image, BatchPlan plan) =>
        from x in Enumerable.Range(0, image.Width - plan.Width + 1)
        from y in Enumerable.Range(0, image.Height - plan.Height + 1)
        from way in Enumerable.Range(0, plan.Turn ? 8 : 1)
        select new PatchCut(x, y, (way & 1) != 0, (way & 2) != 0, (way & 4) != 0);

    private static float[] Patch(Rgb8Image image, PatchCut cut, int side)
    {
        float[] patch = new float[3 * side * side];
        cut.CopyTo(image, side, side, patch);
        return patch;
    }
}
