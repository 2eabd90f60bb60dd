using System.Numerics;
using System.Security.Cryptography;
using Subband.Imaging;
using Subband.Torch;

namespace Subband.Tests.Imaging;

public sealed class DeadLeavesTests
{
    [Fact]
    public void A_picture_is_a_pure_function_of_seed_index_and_size()
    {
        var leaves = new DeadLeaves(24, 40, seed: 5);
        byte[] first = leaves.Render(3).Pixels;
        _ = leaves.Render(4);

        Assert.Equal(first, leaves.Render(3).Pixels);
        Assert.Equal(first, new DeadLeaves(24, 40, seed: 5).Render(3).Pixels);
        Assert.NotEqual(first, leaves.Render(4).Pixels);
        Assert.NotEqual(first, new DeadLeaves(24, 40, seed: 6).Render(3).Pixels);
        Parallel.For(0, 64, _ => Assert.Equal(first, leaves.Render(3).Pixels));
    }

    [Fact]
    public void The_pictures_never_change_from_version_to_version()
    {
        // every run trained on synthetic leaves depends on these bytes: a change needs a new name for the source
        byte[] pixels = new DeadLeaves(32, 32, seed: 1).Render(0).Pixels;
        Assert.Equal("5f2e70565467b5d8", Convert.ToHexStringLower(SHA256.HashData(pixels))[..16]);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 17)]
    [InlineData(4, 4)]
    [InlineData(33, 15)]
    [InlineData(16, 130)]
    public void Every_size_is_covered_completely(int height, int width)
    {
        Rgb8Image image = new DeadLeaves(height, width).Render(0);
        Assert.Equal((height, width), (image.Height, image.Width));

        // white leaves everywhere leave no sample of the ground uncounted
        var random = new SeededRandom(1);
        var leaves = new DeadLeaves(height, width);
        var ground = new LeafGround(height, width);
        while (!ground.IsCovered)
        {
            ground.Lay(leaves.NextLeaf(random), (255, 255, 255));
        }

        Assert.All(ground.ToImage().Pixels, value => Assert.Equal(255, value));
    }

    [Theory]
    [InlineData(32, 32, 10.0)]
    [InlineData(31.3, 30.7, 20.5)]
    [InlineData(33, 32, 1.5)]
    public void A_disc_covers_its_area_with_smooth_edges(double x, double y, double radius)
    {
        var ground = new LeafGround(64, 64);
        ground.Lay(new Leaf(x, y, radius), (255, 0, 0));
        ground.Lay(new Leaf(32, 32, 100), (0, 0, 0));

        byte[] pixels = ground.ToImage().Pixels;
        double area = pixels.Where((_, i) => i % 3 == 0).Sum(red => red / 255.0);
        Assert.True(ground.IsCovered);
        // the lattice of samples counts a disc's area to a small part of its edge
        Assert.InRange(area, (Math.PI * radius * radius) - (0.15 * radius), (Math.PI * radius * radius) + (0.15 * radius));
        Assert.Contains(pixels, value => value is > 0 and < 255);
    }

    [Fact]
    public void What_lies_in_front_hides_what_comes_later()
    {
        var ground = new LeafGround(9, 9);
        ground.Lay(new Leaf(4.5, 4.5, 3), (200, 0, 0));
        ground.Lay(new Leaf(4.5, 4.5, 20), (0, 100, 0));

        Rgb8Image image = ground.ToImage();
        Assert.Equal([200, 0, 0], image.Pixels.AsSpan(((4 * 9) + 4) * 3, 3).ToArray());
        Assert.Equal([0, 100, 0], image.Pixels.AsSpan(0, 3).ToArray());
    }

    [Theory]
    [InlineData(DeadLeaves.StandardMinimumRadius)]
    [InlineData(3.5)]
    public void Every_leaf_touches_the_frame_and_radii_follow_their_law(double smallest)
    {
        const int Width = 40;
        const int Height = 24;
        var leaves = new DeadLeaves(Height, Width, minimumRadius: smallest);
        var random = new SeededRandom(2);
        const int Count = 200_000;
        double[] radii = new double[Count];
        for (int i = 0; i < Count; i++)
        {
            Leaf leaf = leaves.NextLeaf(random);
            double dx = Math.Max(0, Math.Max(-leaf.X, leaf.X - Width));
            double dy = Math.Max(0, Math.Max(-leaf.Y, leaf.Y - Height));
            Assert.True((dx * dx) + (dy * dy) <= leaf.Radius * leaf.Radius * (1 + 1e-12), leaf.ToString());
            Assert.InRange(leaf.Radius, smallest * (1 - 1e-12), leaves.MaximumRadius);
            radii[i] = leaf.Radius;
        }

        // Kolmogorov-Smirnov against r^-3 times the area of the centres that touch the frame
        Array.Sort(radii);
        double total = Law(leaves.MaximumRadius);
        double distance = radii.Select((r, i) => Math.Abs((Law(r) / total) - ((i + 0.5) / Count))).Max();
        Assert.InRange(distance, 0, 2.0 / Math.Sqrt(Count));

        double Law(double r) => (Width * Height * ((1 / (smallest * smallest)) - (1 / (r * r))) / 2)
            + (2.0 * (Width + Height) * ((1 / smallest) - (1 / r)))
            + (Math.PI * Math.Log(r / smallest));
    }

    [Fact]
    public void Every_octave_of_radii_shows_the_same_area_in_the_middle_as_at_the_corners()
    {
        // With p(r) ~ r^-3 the visible area is uniform in log r: half of it belongs to leaves below the geometric mean.
        const int Side = 32;
        const int Pictures = 400;
        var leaves = new DeadLeaves(Side, Side);
        double middle = Math.Sqrt(leaves.MinimumRadius * leaves.MaximumRadius);
        double[] share = new double[Side * Side];
        for (ulong i = 0; i < Pictures; i++)
        {
            var random = SeededRandom.For(7, 7, i);
            var ground = new LeafGround(Side, Side);
            while (!ground.IsCovered)
            {
                Leaf leaf = leaves.NextLeaf(random);
                ground.Lay(leaf, leaf.Radius < middle ? ((byte)255, (byte)0, (byte)0) : ((byte)0, (byte)0, (byte)0));
            }

            byte[] pixels = ground.ToImage().Pixels;
            for (int p = 0; p < share.Length; p++)
            {
                share[p] += pixels[p * 3] / 255.0 / Pictures;
            }
        }

        Assert.InRange(share.Average(), 0.48, 0.52);
        Assert.InRange(Block(0, 0), 0.42, 0.58);
        Assert.InRange(Block(Side - 8, 0), 0.42, 0.58);
        Assert.InRange(Block(Side - 8, Side - 8), 0.42, 0.58);
        Assert.InRange(Block((Side / 2) - 4, (Side / 2) - 4), 0.42, 0.58);

        double Block(int x, int y) =>
            Enumerable.Range(0, 64).Average(k => share[((y + (k / 8)) * Side) + x + (k % 8)]);
    }

    [Fact]
    public void The_power_spectrum_falls_as_that_of_photographs()
    {
        const int Side = 64;
        const int Pictures = 60;
        var leaves = new DeadLeaves(Side, Side, seed: 3);
        double[] power = new double[Side / 4];
        int[] counts = new int[Side / 4];
        for (int i = 0; i < Pictures; i++)
        {
            Complex[] spectrum = Spectrum(leaves.Render(i));
            for (int v = 0; v < Side; v++)
            {
                for (int u = 0; u < Side; u++)
                {
                    int fu = u > Side / 2 ? u - Side : u;
                    int fv = v > Side / 2 ? v - Side : v;
                    int ring = (int)Math.Round(Math.Sqrt((fu * fu) + (fv * fv)));
                    if (ring < power.Length)
                    {
                        power[ring] += Math.Pow(spectrum[(v * Side) + u].Magnitude, 2);
                        counts[ring]++;
                    }
                }
            }
        }

        // straight-line fit of log power over log frequency, from 2 cycles a picture on
        double[] x = [.. Enumerable.Range(2, power.Length - 2).Select(k => Math.Log(k))];
        double[] y = [.. Enumerable.Range(2, power.Length - 2).Select(k => Math.Log(power[k] / counts[k]))];
        double slope = x.Zip(y).Sum(p => (p.First - x.Average()) * (p.Second - y.Average()))
            / x.Sum(v => (v - x.Average()) * (v - x.Average()));
        Assert.InRange(slope, -2.3, -1.7);
    }

    [Fact]
    public void Colours_have_the_mean_and_the_spread_of_photographs()
    {
        double[] sum = new double[3];
        double[] square = new double[3];
        const int Pictures = 1500;
        var leaves = new DeadLeaves(8, 8, seed: 9);
        for (int i = 0; i < Pictures; i++)
        {
            byte[] pixels = leaves.Render(i).Pixels;
            for (int p = 0; p < pixels.Length; p++)
            {
                sum[p % 3] += pixels[p] / (Pictures * 64.0);
                square[p % 3] += pixels[p] * pixels[p] / (Pictures * 64.0);
            }
        }

        // CIFAR-10: means 125.3, 122.9, 113.9; deviations 63.0, 62.1, 66.7. Smoothed edges take a little of the spread.
        Assert.InRange(sum[0], 119, 131);
        Assert.InRange(sum[1], 117, 129);
        Assert.InRange(sum[2], 108, 120);
        Assert.All(sum.Zip(square), c => Assert.InRange(Math.Sqrt(c.Second - (c.First * c.First)), 48, 68));
    }

    [Fact]
    public void Impossible_sizes_and_indices_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new DeadLeaves(0, 8));
        Assert.Throws<ArgumentOutOfRangeException>(() => new DeadLeaves(8, DeadLeaves.MaximumSide + 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new DeadLeaves(8, 8).Render(-1));
        foreach (double radius in (double[])[1e-9, double.NaN, double.PositiveInfinity])
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => new DeadLeaves(8, 8, minimumRadius: radius));
        }
    }

    // The windowed discrete Fourier transform of the green channel, one axis after the other.
    private static Complex[] Spectrum(Rgb8Image image)
    {
        int side = image.Width;
        double mean = image.Pixels.Where((_, i) => i % 3 == 1).Average(v => (double)v);
        var field = new Complex[side * side];
        for (int y = 0; y < side; y++)
        {
            for (int x = 0; x < side; x++)
            {
                field[(y * side) + x] = (image.Pixels[(((y * side) + x) * 3) + 1] - mean) * Hann(x) * Hann(y);
            }
        }

        return Transform(Transform(field));

        double Hann(int i) => 0.5 - (0.5 * Math.Cos(2 * Math.PI * (i + 0.5) / side));

        // along the rows, result transposed
        Complex[] Transform(Complex[] rows)
        {
            var result = new Complex[side * side];
            Complex[] roots = [.. Enumerable.Range(0, side).Select(k => Complex.FromPolarCoordinates(1, -2 * Math.PI * k / side))];
            for (int r = 0; r < side; r++)
            {
                for (int k = 0; k < side; k++)
                {
                    Complex s = 0;
                    for (int n = 0; n < side; n++)
                    {
                        s += rows[(r * side) + n] * roots[n * k % side];
                    }

                    result[(k * side) + r] = s;
                }
            }

            return result;
        }
    }
}
