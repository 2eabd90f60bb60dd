using Subband.Metrics;
using Subband.Torch;

namespace Subband.Tests.Metrics;

public sealed class NearestNeighboursTests
{
    [Fact]
    public void The_nearest_are_those_of_a_plain_search_over_all_pairs()
    {
        using var scope = new TensorScope();
        using var random = new Generator(1);
        var queries = Tensor.Rand([3, 3, 5, 4], random);
        var images = Tensor.Rand([1200, 3, 5, 4], random);
        using var search = new NearestNeighbours(queries, 4);
        // In parts, one of them larger than a block.
        search.Add(images.Narrow(0, 0, 700), Numbers(0, 700));
        search.Add(images.Narrow(0, 700, 500), Numbers(700, 500));

        var (q, x) = (queries.ToArray<float>(), images.ToArray<float>());
        for (var i = 0; i < 3; i++)
        {
            var plain = Enumerable.Range(0, 1200)
                .Select(n => (Item: (long)n, Distance: Math.Min(Distance(q, i, x, n, false), Distance(q, i, x, n, true))))
                .OrderBy(entry => entry.Distance).Take(4).ToArray();
            Assert.Equal(plain.Select(entry => entry.Item), search.Nearest[i].Select(near => near.Item));
            Assert.All(plain.Zip(search.Nearest[i]), pair => Assert.Equal(pair.First.Distance, pair.Second.Distance, 1e-12));
        }
    }

    [Fact]
    public void A_copy_and_a_mirrored_copy_are_found_at_distance_0()
    {
        using var scope = new TensorScope();
        using var random = new Generator(2);
        var images = Tensor.RandInt(0, 256, [50, 3, 8, 8], random).To(DType.UInt8);
        using var search = new NearestNeighbours(Tensor.Cat([images.Narrow(0, 7, 1), images.Narrow(0, 9, 1).Flip(3)]), 1);
        search.Add(images, Numbers(100, 50));
        Assert.Equal(new Neighbour(107, 0, false), Assert.Single(search.Nearest[0]));
        Assert.Equal(new Neighbour(109, 0, true), Assert.Single(search.Nearest[1]));
    }

    [Fact]
    public void The_distance_is_the_root_mean_square_difference_of_the_values()
    {
        using var scope = new TensorScope();
        using var search = new NearestNeighbours(Tensor.Full([1, 3, 2, 2], 10), 3);
        search.Add(Tensor.Full([1, 3, 2, 2], 13), [5]);
        Neighbour near = Assert.Single(search.Nearest[0]);
        Assert.Equal(3, near.Distance, 1e-12);
        Assert.False(near.IsMirrored);
    }

    [Fact]
    public void Images_of_another_size_are_refused()
    {
        using var scope = new TensorScope();
        using var search = new NearestNeighbours(Tensor.Zeros([1, 3, 4, 4]), 1);
        Assert.Throws<TensorShapeException>(() => search.Add(Tensor.Zeros([1, 3, 4, 5]), [0]));
    }

    private static long[] Numbers(int first, int count) => [.. Enumerable.Range(first, count).Select(i => (long)i)];

    private static double Distance(float[] q, int i, float[] x, int n, bool isMirrored)
    {
        var sum = 0.0;
        for (var p = 0; p < 60; p++)
        {
            var other = isMirrored ? p - (p % 4) + 3 - (p % 4) : p;
            var difference = (double)q[(i * 60) + p] - x[(n * 60) + other];
            sum += difference * difference;
        }

        return Math.Sqrt(sum / 60);
    }
}
