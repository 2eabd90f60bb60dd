using Subband.Models.StyleGan2.Editing;
using Subband.Torch;

namespace Subband.Tests.Models.StyleGan2.Editing;

public sealed class LinearSvmTests
{
    // min ½(n² + b²) with 4n + b ≥ 1 and −(2n + b) ≥ 1, both reached: n = 1, b = −3.
    [Fact]
    public void Two_points_on_a_line_are_separated_in_closed_form()
    {
        var plane = LinearSvm.Learn([[4f], [2f]], [true, false], penalty: 100);
        Assert.Equal(1, plane.Normal[0], 1e-3);
        Assert.Equal(-3, plane.Offset, 1e-3);
        Assert.Equal(1, plane.Score([4f]), 1e-3);
        Assert.Equal(-1, plane.Score([2f]), 1e-3);
    }

    [Fact]
    public void Points_on_either_side_of_the_origin_need_no_offset()
    {
        var plane = LinearSvm.Learn([[1f, 1f], [-1f, -1f]], [true, false], penalty: 10);
        Assert.Equal([0.5, 0.5], plane.Normal, (a, b) => Math.Abs(a - b) < 1e-3);
        Assert.Equal(0, plane.Offset, 1e-3);
    }

    [Fact]
    public void Nothing_near_it_costs_less()
    {
        var random = new SeededRandom(3);
        float[][] points = [.. Enumerable.Range(0, 60).Select(_ => Enumerable.Range(0, 5).Select(_ => (float)((random.NextDouble() * 2) - 1)).ToArray())];
        bool[] kinds = [.. points.Select(point => point[0] + (0.5 * point[1]) + (0.4 * ((random.NextDouble() * 2) - 1)) > 0)];
        var plane = LinearSvm.Learn(points, kinds);
        double[] found = [.. plane.Normal, plane.Offset];
        var least = Cost(found);
        Assert.True(plane.Passes < 2000, "it did not settle");
        for (var i = 0; i < 200; i++)
        {
            double[] other = [.. found.Select(x => x + (0.02 * ((random.NextDouble() * 2) - 1)))];
            Assert.True(Cost(other) > least - 1e-6);
        }

        double Cost(double[] n) => (0.5 * n.Sum(x => x * x)) + points.Zip(kinds, (point, kind) =>
            Math.Max(0, 1 - ((kind ? 1 : -1) * (point.Select((x, j) => x * n[j]).Sum() + n[5])))).Sum();
    }

    [Fact]
    public void One_kind_alone_has_no_plane() =>
        Assert.Throws<ArgumentException>(() => LinearSvm.Learn([[1f], [2f]], [true, true]));
}
