namespace Subband.Torch.Tests;

public sealed class SeededRandomTests
{
    [Fact]
    public void SplitMix64_gives_the_published_numbers()
    {
        ulong state = 1234567;
        ulong[] found = [.. Enumerable.Range(0, 5).Select(_ => SeededRandom.SplitMix64(ref state))];

        // the output of Vigna's splitmix64.c for this seed, as quoted by Rosetta Code and many test suites
        Assert.Equal(
            [6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821],
            found);
    }

    [Fact]
    public void Xoshiro256_starstar_gives_the_published_numbers()
    {
        var random = SeededRandom.FromState([1, 2, 3, 4]);
        ulong[] found = [.. Enumerable.Range(0, 10).Select(_ => random.NextUInt64())];

        // the reference vector of xoshiro256starstar.c, as in the tests of Rust's rand_xoshiro
        Assert.Equal(
            [
                11520, 0, 1509978240, 1215971899390074240, 1216172134540287360, 607988272756665600,
                16172922978634559625, 8476171486693032832, 10595114339597558777, 2904607092377533576,
            ],
            found);
    }

    [Fact]
    public void A_seed_fills_the_state_with_SplitMix64()
    {
        Assert.Equal(
            [6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431],
            new SeededRandom(1234567).State);
    }

    [Fact]
    public void A_saved_state_continues_the_sequence()
    {
        var random = new SeededRandom(7);
        _ = random.NextUInt64();
        var resumed = SeededRandom.FromState(random.State);

        for (int i = 0; i < 100; i++)
        {
            Assert.Equal(random.NextUInt64(), resumed.NextUInt64());
        }
    }

    [Fact]
    public void A_state_of_the_wrong_length_or_of_zeros_is_refused()
    {
        Assert.Contains("4 words, but 3", Assert.Throws<ArgumentException>(() => SeededRandom.FromState([1, 2, 3])).Message,
            StringComparison.Ordinal);
        Assert.Contains("all zero", Assert.Throws<ArgumentException>(() => SeededRandom.FromState([0, 0, 0, 0])).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Doubles_lie_in_the_half_open_unit_interval_and_are_uniform()
    {
        var random = new SeededRandom(1);
        const int Count = 200_000;
        double[] values = [.. Enumerable.Range(0, Count).Select(_ => random.NextDouble())];

        Assert.All(values, value => Assert.InRange(value, 0.0, Math.BitDecrement(1.0)));
        // mean 1/2 and mean square 1/3, within five standard errors
        Assert.InRange(values.Average(), 0.5 - (5 * 0.2887 / Math.Sqrt(Count)), 0.5 + (5 * 0.2887 / Math.Sqrt(Count)));
        Assert.InRange(values.Average(v => v * v), (1.0 / 3) - (5 * 0.2981 / Math.Sqrt(Count)), (1.0 / 3) + (5 * 0.2981 / Math.Sqrt(Count)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(10)]
    [InlineData(1000)]
    public void Whole_numbers_are_uniform(int n)
    {
        var random = new SeededRandom(2);
        int draws = 1000 * n;
        int[] counts = new int[n];
        for (int i = 0; i < draws; i++)
        {
            counts[random.Next(n)]++;
        }

        // chi-square with n - 1 degrees of freedom, within six standard deviations of its mean
        double chiSquare = counts.Sum(count => (count - 1000.0) * (count - 1000.0) / 1000.0);
        Assert.InRange(chiSquare, 0, n - 1 + (6 * Math.Sqrt(2.0 * n)));
    }

    [Fact]
    public void The_largest_range_is_reached_on_both_sides()
    {
        var random = new SeededRandom(3);
        int[] values = [.. Enumerable.Range(0, 10_000).Select(_ => random.Next(int.MaxValue))];
        Assert.InRange(values.Min(), 0, 5_000_000);
        Assert.InRange(values.Max(), int.MaxValue - 5_000_000, int.MaxValue - 1);
        Assert.Throws<ArgumentOutOfRangeException>(() => random.Next(0));
    }

    [Fact]
    public void Each_piece_of_work_has_its_own_sequence_that_never_changes()
    {
        var seen = new HashSet<ulong>();
        for (ulong seed = 0; seed < 20; seed++)
        {
            for (ulong stream = 0; stream < 20; stream++)
            {
                for (ulong index = 0; index < 20; index++)
                {
                    Assert.True(seen.Add(SeededRandom.For(seed, stream, index).NextUInt64()));
                }
            }
        }

        // a change here changes every synthetic data set and every shuffle: never without a format version
        Assert.Equal(14585400150120891368UL, SeededRandom.For(1, 2, 3).NextUInt64());
    }
}
