using Subband.Data;

namespace Subband.Tests.Data;

public sealed class ItemOrderTests
{
    private static ItemOrder Order(BatchOrder order, long? count, ulong seed = 1) =>
        new(new BatchPlan { Height = 1, Width = 1, BatchSize = 1, Seed = seed, Order = order }, count);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(97)]
    public void Every_epoch_is_a_permutation(int count)
    {
        ItemOrder order = Order(BatchOrder.ShuffledEpochs, count);
        for (int epoch = 0; epoch < 5; epoch++)
        {
            Assert.Equal(
                Enumerable.Range(0, count).Select(i => (long)i),
                Enumerable.Range(epoch * count, count).Select(place => order.At(place)).Order());
        }
    }

    [Fact]
    public void Epochs_and_seeds_differ_and_places_may_be_asked_in_any_order()
    {
        ItemOrder order = Order(BatchOrder.ShuffledEpochs, 1000);
        long[] forward = [.. Enumerable.Range(0, 3000).Select(place => order.At(place))];
        long[] backward = [.. Enumerable.Range(0, 3000).Reverse().Select(place => order.At(place)).Reverse()];
        Assert.Equal(forward, backward);
        Assert.NotEqual(forward[..1000], forward[1000..2000]);
        Assert.NotEqual(forward[..1000], Enumerable.Range(0, 1000).Select(place => Order(BatchOrder.ShuffledEpochs, 1000, 2).At(place)));
    }

    [Fact]
    public void Sequence_wraps_and_a_source_without_end_is_read_in_sequence()
    {
        ItemOrder order = Order(BatchOrder.Sequential, 3);
        Assert.Equal([0, 1, 2, 0, 1], Enumerable.Range(0, 5).Select(place => order.At(place)));
        Assert.Equal(12_345_678_901, Order(BatchOrder.ShuffledEpochs, null).At(12_345_678_901));
    }

    [Fact]
    public void The_shuffle_of_45000_images_is_unbiased()
    {
        // Where do images of each tenth land? 10x10 cells, 20 epochs; rows and columns are fixed sums.
        const int Count = 45_000;
        const int Epochs = 20;
        ItemOrder order = Order(BatchOrder.ShuffledEpochs, Count, seed: 12);
        int[,] cells = new int[10, 10];
        for (int epoch = 0; epoch < Epochs; epoch++)
        {
            for (int i = 0; i < Count; i++)
            {
                cells[10L * i / Count, 10 * order.At(((long)epoch * Count) + i) / Count]++;
            }
        }

        double expected = (double)Epochs * Count / 100;
        double chiSquare = cells.Cast<int>().Sum(n => (n - expected) * (n - expected) / expected);
        // 81 degrees of freedom: mean 81, deviation sqrt(162) = 12.7. Cells of one permutation vary a little less.
        Assert.InRange(chiSquare, 81 - (4 * 12.7), 81 + (4 * 12.7));
    }

    [Fact]
    public void Drawing_with_replacement_is_uniform()
    {
        const int Count = 100;
        const int Draws = 100_000;
        ItemOrder order = Order(BatchOrder.WithReplacement, Count, seed: 3);
        int[] seen = new int[Count];
        for (int i = 0; i < Draws; i++)
        {
            seen[order.At(i)]++;
        }

        double expected = (double)Draws / Count;
        double chiSquare = seen.Sum(n => (n - expected) * (n - expected) / expected);
        Assert.InRange(chiSquare, 99 - (4 * 14.1), 99 + (4 * 14.1));
    }
}
