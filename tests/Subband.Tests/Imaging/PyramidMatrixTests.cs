using System.Text.Json;
using Subband.Imaging;

namespace Subband.Tests.Imaging;

/// <summary>The weights of d and u along one axis.</summary>
public sealed class PyramidMatrixTests
{
    [Fact]
    public void All_maps_agree_with_PyTorch_and_SciPy()
    {
        string path = Path.Combine(TestData.RepositoryRoot, "tests", "Subband.Tests", "Imaging", "pyramid_golden.json");
        using JsonDocument golden = JsonDocument.Parse(File.ReadAllText(path));
        foreach (JsonElement item in golden.RootElement.EnumerateArray())
        {
            string map = item.GetProperty("map").GetString()!;
            int from = item.GetProperty("from").GetInt32();
            int to = item.GetProperty("to").GetInt32();
            double[] expected = [.. item.GetProperty("expected").EnumerateArray().Select(v => v.GetDouble())];
            double[] matrix = map switch
            {
                "linear_up" => PyramidMatrix.Up(PyramidFilter.Area, from, to),
                "area_down" => PyramidMatrix.Down(PyramidFilter.Area, from, to),
                "binomial_down" => PyramidMatrix.Down(PyramidFilter.Binomial, from, to),
                "binomial_up" => PyramidMatrix.Up(PyramidFilter.Binomial, from, to),
                _ => throw new InvalidDataException(map),
            };
            for (int i = 0; i < to; i++)
            {
                double found = Enumerable.Range(0, from).Sum(j => matrix[(i * from) + j] * Math.Sin((1.7 * j) + 0.3));
                Assert.True(Math.Abs(expected[i] - found) < 1e-12, $"{map} {from} -> {to}, sample {i}: {found}, expected {expected[i]}.");
            }
        }
    }

    [Fact]
    public void Area_weights_are_exact_for_every_ratio()
    {
        for (int n = 1; n <= 40; n++)
        {
            for (int m = 1; m <= n; m++)
            {
                // n m equal cells: fine sample j owns m of them, coarse sample i owns n; count what they share
                int[] shared = new int[m * n];
                for (int cell = 0; cell < n * m; cell++)
                {
                    shared[(cell / n * n) + (cell / m)]++;
                }

                Assert.Equal(shared.Select(count => (double)count / n), PyramidMatrix.Down(PyramidFilter.Area, n, m));
            }
        }
    }

    [Theory]
    [InlineData(PyramidFilter.Area)]
    [InlineData(PyramidFilter.Binomial)]
    public void Constants_are_kept_and_no_weight_is_negative_at_any_size(PyramidFilter filter)
    {
        for (int n = 1; n <= 48; n++)
        {
            for (int m = 1; m <= n; m++)
            {
                Check(PyramidMatrix.Down(filter, n, m), m, n);
                Check(PyramidMatrix.Up(filter, m, n), n, m);
            }
        }

        static void Check(double[] matrix, int rows, int columns)
        {
            Assert.Equal(rows * columns, matrix.Length);
            for (int i = 0; i < rows; i++)
            {
                Span<double> row = matrix.AsSpan(i * columns, columns);
                Assert.Equal(-1, row.IndexOfAnyExceptInRange(0.0, 1.0));
                Assert.InRange(row.ToArray().Sum(), 1 - 1e-14, 1 + 1e-14);
            }
        }
    }

    [Theory]
    [InlineData(PyramidFilter.Area)]
    [InlineData(PyramidFilter.Binomial)]
    public void Equal_sizes_change_nothing(PyramidFilter filter)
    {
        double[] identity = [1, 0, 0, 0, 1, 0, 0, 0, 1];
        Assert.Equal(identity, PyramidMatrix.Down(filter, 3, 3));
        Assert.Equal(identity, PyramidMatrix.Up(filter, 3, 3));
    }

    [Theory]
    [InlineData(14, 8)]
    [InlineData(96, 64)]
    [InlineData(32, 28)]
    [InlineData(33, 9)]
    public void Ratios_other_than_two_treat_both_ends_alike(int n, int m)
    {
        foreach (PyramidFilter filter in Enum.GetValues<PyramidFilter>())
        {
            AssertMirrored(PyramidMatrix.Down(filter, n, m));
            AssertMirrored(PyramidMatrix.Up(filter, m, n));
        }

        static void AssertMirrored(double[] matrix) =>
            Assert.All(matrix.Zip(matrix.Reverse()), pair => Assert.Equal(pair.First, pair.Second, 1e-12));
    }

    [Fact]
    public void The_binomial_kernel_is_Burt_and_Adelsons_at_factor_two()
    {
        double[] down = PyramidMatrix.Down(PyramidFilter.Binomial, 16, 8);
        Assert.Equal([0, 0, 1 / 16.0, 4 / 16.0, 6 / 16.0, 4 / 16.0, 1 / 16.0, 0, 0, 0, 0, 0, 0, 0, 0, 0], down[(2 * 16)..(3 * 16)]);

        double[] up = PyramidMatrix.Up(PyramidFilter.Binomial, 8, 16);
        Assert.Equal([0, 0, 1 / 8.0, 6 / 8.0, 1 / 8.0, 0, 0, 0], up[(6 * 8)..(7 * 8)]);
        Assert.Equal([0, 0, 0, 0.5, 0.5, 0, 0, 0], up[(7 * 8)..(8 * 8)]);
    }
}
