using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Subband.Data;
using Subband.Imaging;
using Subband.Torch;

namespace Subband.Tests.Data;

public sealed class BatchLoaderTests
{
    private static readonly BatchPlan Plan = new() { Height = 6, Width = 5, BatchSize = 4, Seed = 3, Flip = true, Crop = CropRule.Random };

    private static MemorySource Source(long? count = 23) => new(count, i => TestImages.Noise(6 + (int)(i % 5), 6 + (int)(i % 3), i))
    {
        Classes = ["a", "b"],
        LabelOf = i => (int)(i % 2),
    };

    [Fact]
    public void Batches_do_not_depend_on_threads_cache_or_where_they_begin()
    {
        string[] expected = Hashes(Source(), Plan, 30, threads: 1, cacheBytes: 0);
        Assert.Equal(30, expected.Distinct().Count());
        Assert.Equal(expected, Hashes(Source(), Plan, 30, threads: 4, cacheBytes: 1 << 20));
        Assert.Equal(expected, Hashes(Source(), Plan, 30, threads: 3, cacheBytes: 700));
        for (int cursor = 1; cursor < 30; cursor += 7)
        {
            Assert.Equal(expected[cursor..], Hashes(Source(), Plan, 30 - cursor, threads: 2, cacheBytes: 1 << 20, cursor));
        }
    }

    [Theory]
    [InlineData(BatchOrder.ShuffledEpochs)]
    [InlineData(BatchOrder.WithReplacement)]
    [InlineData(BatchOrder.Sequential)]
    public void Resuming_from_the_cursor_goes_on_bit_for_bit(BatchOrder order)
    {
        BatchPlan plan = Plan with { Order = order };
        string[] expected = Hashes(Source(), plan, 12, 2);
        MemorySource source = Source();
        List<string> found = [];
        long cursor = 0;
        while (found.Count < 12)
        {
            using BatchLoader loader = new(source, plan, 2, cursor);
            for (int i = 0; i < 3; i++)
            {
                using ImageBatch batch = loader.Next(TestContext.Current.CancellationToken);
                Assert.Equal(cursor + i, batch.Number);
                found.Add(Hash(batch));
            }

            cursor = loader.Cursor;
        }

        Assert.Equal(expected, found);
    }

    [Fact]
    public void An_image_of_the_wanted_size_arrives_unchanged_between_minus_one_and_one()
    {
        MemorySource source = new(3, i => TestImages.Noise(5, 6, i)) { Classes = ["a"], LabelOf = _ => 0 };
        using BatchLoader loader = new(source, new BatchPlan { Height = 6, Width = 5, BatchSize = 3, Order = BatchOrder.Sequential });
        using ImageBatch batch = loader.Next(TestContext.Current.CancellationToken);
        Assert.Equal([0, 1, 2], batch.Indices);
        Assert.Equal([0, 0, 0], batch.Labels);
        for (int n = 0; n < 3; n++)
        {
            byte[] pixels = TestImages.Noise(5, 6, n).Pixels;
            for (int c = 0; c < 3; c++)
            {
                for (int i = 0; i < 30; i++)
                {
                    Assert.Equal((float)((pixels[(3 * i) + c] / 127.5) - 1), batch.Pixels[(n * 90) + (c * 30) + i]);
                }
            }
        }
    }

    [Fact]
    public void Centre_crops_cut_the_middle_and_random_crops_reach_every_place()
    {
        // Pixel (x, y) of an 8x7 image holds x and y.
        MemorySource source = new(1, _ => new Rgb8Image(8, 7, [.. Enumerable.Range(0, 56).SelectMany(i => new[] { (byte)(i % 8), (byte)(i / 8), (byte)0 })]));
        BatchPlan plan = new() { Height = 4, Width = 5, BatchSize = 1, ShortSide = 7 };
        Assert.Equal((1, 1, 5, 4), CornerAndOpposite(source, plan));

        HashSet<(int, int, int, int)> seen = [];
        using BatchLoader loader = new(source, plan with { Crop = CropRule.Random, Flip = true });
        for (int i = 0; i < 1500; i++)
        {
            using ImageBatch batch = loader.Next(TestContext.Current.CancellationToken);
            _ = seen.Add(Corners(batch));
        }

        // 4 columns, 4 rows, mirrored or not.
        Assert.Equal(32, seen.Count);
        Assert.All(seen, s => Assert.Equal((4, 3), (Math.Abs(s.Item3 - s.Item1), s.Item4 - s.Item2)));
    }

    [Fact]
    public void Covering_resizes_to_the_side_that_needs_it_least()
    {
        // Twice as wide as wanted: the middle half of the width remains at full height.
        MemorySource source = new(1, _ => new Rgb8Image(8, 2, [.. Enumerable.Range(0, 16).SelectMany(i => new[] { (byte)(i % 8), (byte)0, (byte)0 })]));
        Assert.Equal((3, 0, 4, 0), CornerAndOpposite(source, new BatchPlan { Height = 2, Width = 2, BatchSize = 1 }));
        // An extreme panorama is no reason for a gigantic picture.
        MemorySource panorama = new(1, _ => TestImages.Flat(20_000, 1, 9, 9, 9));
        using BatchLoader loader = new(panorama, new BatchPlan { Height = 64, Width = 64, BatchSize = 1, Crop = CropRule.Random });
        using ImageBatch batch = loader.Next(TestContext.Current.CancellationToken);
        Assert.All(batch.Pixels, v => Assert.Equal((float)((9 / 127.5) - 1), v));
    }

    [Fact]
    public void In_the_place_of_an_undecodable_image_stands_the_next_one_and_every_thread_agrees()
    {
        static MemorySource Broken() => new(7, i => i is 2 or 3 or 6 ? throw new ImageFileException($"item {i}", "is broken.") : TestImages.Noise(5, 6, i));
        BatchPlan plan = new() { Height = 6, Width = 5, BatchSize = 7, Order = BatchOrder.Sequential };
        using BatchLoader loader = new(Broken(), plan);
        using ImageBatch batch = loader.Next(TestContext.Current.CancellationToken);
        Assert.Equal([0, 1, 4, 4, 4, 5, 0], batch.Indices);

        plan = plan with { Order = BatchOrder.ShuffledEpochs };
        Assert.Equal(Hashes(Broken(), plan, 9, 1), Hashes(Broken(), plan, 9, 4));
    }

    [Fact]
    public void A_source_without_any_decodable_image_is_an_error_that_names_one()
    {
        MemorySource source = new(3, i => throw new ImageFileException($"item {i}", "is broken."));
        using BatchLoader loader = new(source, Plan with { Order = BatchOrder.Sequential, Crop = CropRule.Centre });
        Assert.Equal(
            "None of the 3 images of memory can be decoded; item 0, for one, is broken.",
            Assert.Throws<SubbandException>(() => loader.Next(TestContext.Current.CancellationToken)).Message);
    }

    [Fact]
    public void Images_are_decoded_once_while_they_fit_into_the_cache()
    {
        MemorySource source = Source();
        _ = Hashes(source, Plan with { Order = BatchOrder.Sequential }, 40, 1);
        Assert.Equal(23, source.Reads);
        source = Source();
        _ = Hashes(source, Plan with { Order = BatchOrder.Sequential }, 40, 1, cacheBytes: 0);
        Assert.InRange(source.Reads, 160, 180);
    }

    [Fact]
    public void An_error_surfaces_at_its_batch_with_the_items_name_and_stays_there()
    {
        MemorySource source = new(100, i => i == 9 ? throw new IOException("the disk is gone") : TestImages.Noise(5, 6, i));
        using BatchLoader loader = new(source, new BatchPlan { Height = 6, Width = 5, BatchSize = 4, Order = BatchOrder.Sequential }, threads: 3);
        loader.Next(TestContext.Current.CancellationToken).Dispose();
        loader.Next(TestContext.Current.CancellationToken).Dispose();
        for (int i = 0; i < 2; i++)
        {
            SubbandException error = Assert.Throws<SubbandException>(() => loader.Next(TestContext.Current.CancellationToken));
            Assert.Equal("item 9 of memory could not be read: the disk is gone", error.Message);
            Assert.Equal(2, loader.Cursor);
        }
    }

    [Fact]
    public void Disposing_stops_the_threads_and_waiting_can_be_stopped()
    {
        using ManualResetEventSlim go = new();
        MemorySource slow = new(1000, i =>
        {
            go.Wait(50);
            return TestImages.Noise(5, 6, i);
        });
        BatchPlan plan = new() { Height = 6, Width = 5, BatchSize = 500 };
        BatchLoader loader = new(slow, plan, threads: 2);
        using CancellationTokenSource soon = new(30);
        _ = Assert.ThrowsAny<OperationCanceledException>(() => loader.Next(soon.Token));
        Assert.True(loader.WaitSeconds > 0.01);
        long begin = Stopwatch.GetTimestamp();
        loader.Dispose();
        loader.Dispose();
        Assert.InRange(Stopwatch.GetElapsedTime(begin).TotalSeconds, 0, 5);
        _ = Assert.Throws<ObjectDisposedException>(() => loader.Next(CancellationToken.None));
    }

    [Fact]
    public void A_batch_gives_its_memory_back_and_is_not_used_after_that()
    {
        using BatchLoader loader = new(Source(), Plan);
        HashSet<float[]> arrays = [];
        for (int i = 0; i < 50; i++)
        {
            ImageBatch batch = loader.Next(TestContext.Current.CancellationToken);
            _ = arrays.Add(batch.Pixels);
            batch.Dispose();
            batch.Dispose();
            _ = Assert.Throws<ObjectDisposedException>(() => batch.Pixels);
        }

        Assert.InRange(arrays.Count, 1, 6);
    }

    [Fact]
    public void A_source_without_end_gives_a_new_image_every_time()
    {
        using BatchLoader loader = new(Source(null), Plan with { Crop = CropRule.Centre, Flip = false }, cursor: 5);
        using ImageBatch batch = loader.Next(TestContext.Current.CancellationToken);
        Assert.Equal([20, 21, 22, 23], batch.Indices);
    }

    [Fact]
    public void A_class_conditional_plan_refuses_images_without_a_class()
    {
        BatchPlan plan = Plan with { RequireLabels = true };
        using BatchLoader labelled = new(Source(), plan);
        Assert.Contains("have no classes", Assert.Throws<UsageException>(
            () => new BatchLoader(new MemorySource(3, _ => null!), plan)).Message, StringComparison.Ordinal);
        MemorySource partly = new(3, _ => null!) { Classes = ["a"], LabelOf = i => i == 2 ? -1 : 0 };
        Assert.Contains("item 2 of memory has no class", Assert.Throws<UsageException>(
            () => new BatchLoader(partly, plan)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 5, 4, "height")]
    [InlineData(5, -1, 4, "width")]
    [InlineData(5, 5, 0, "batch size")]
    [InlineData(9000, 9000, 200, "too large")]
    public void An_impossible_plan_is_wrong_usage(int height, int width, int batchSize, string word) =>
        Assert.Contains(word, Assert.Throws<UsageException>(
            () => new BatchLoader(Source(), new BatchPlan { Height = height, Width = width, BatchSize = batchSize })).Message, StringComparison.Ordinal);

    private static string[] Hashes(MemorySource source, BatchPlan plan, int count, int threads, long cacheBytes = 1 << 20, long cursor = 0)
    {
        using BatchLoader loader = new(source, plan, threads, cursor, cacheBytes);
        string[] hashes = new string[count];
        for (int i = 0; i < count; i++)
        {
            using ImageBatch batch = loader.Next(TestContext.Current.CancellationToken);
            hashes[i] = Hash(batch);
        }

        return hashes;
    }

    private static string Hash(ImageBatch batch)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(MemoryMarshal.AsBytes<float>(batch.Pixels));
        hash.AppendData(MemoryMarshal.AsBytes<long>(batch.Labels));
        hash.AppendData(MemoryMarshal.AsBytes<long>(batch.Indices));
        return Convert.ToHexString(hash.GetHashAndReset());
    }

    private static (int, int, int, int) CornerAndOpposite(MemorySource source, BatchPlan plan)
    {
        using BatchLoader loader = new(source, plan);
        using ImageBatch batch = loader.Next(TestContext.Current.CancellationToken);
        return Corners(batch);
    }

    // Red and green of the first and of the last pixel.
    private static (int, int, int, int) Corners(ImageBatch batch)
    {
        int plane = batch.Height * batch.Width;
        int At(int i) => (int)Math.Round((batch.Pixels[i] + 1) * 127.5);
        return (At(0), At(plane), At(plane - 1), At((2 * plane) - 1));
    }
}
