using System.Text.Json;
using Subband.Torch;
using Subband.Training.Augmentation;

namespace Subband.Tests.Training.Augmentation;

/// <summary>All changes beside NumPy and PyTorch, which draw the same random numbers: see augmentation_golden.py.</summary>
public sealed class AdaptiveAugmentationGoldenTests
{
    [Theory]
    [InlineData(DType.Float64, 1e-6)]
    [InlineData(DType.Float32, 3e-5)]
    public void Every_group_makes_the_images(DType precision, double tolerance)
    {
        var path = Path.Combine(TestData.RepositoryRoot, "tests", "Subband.Tests", "Training", "Augmentation", "augmentation_golden.json");
        using var golden = JsonDocument.Parse(File.ReadAllText(path));
        foreach (var item in golden.RootElement.EnumerateArray())
        {
            var groups = Enum.Parse<AugmentationGroups>(item.GetProperty("groups").GetString()!);
            if (groups.HasFlag(AugmentationGroups.Noise) && precision != DType.Float64)
            {
                continue; // libtorch draws other noise in single precision
            }

            using var scope = new TensorScope();
            long[] shape = [.. item.GetProperty("shape").EnumerateArray().Select(size => size.GetInt64())];
            double[] expected = [.. item.GetProperty("expected").EnumerateArray().Select(value => value.GetDouble())];
            double[] values = [.. Enumerable.Range(0, expected.Length).Select(j => Math.Sin((1.7 * j) + 0.3))];
            using var random = new Generator(item.GetProperty("seed").GetUInt64());

            var found = new AdaptiveAugmentation(groups)
                .Apply(Tensor.From(values, shape).To(precision), item.GetProperty("strength").GetDouble(), random);

            Assert.Equal(precision, found.DType);
            Assert.Equal(shape, found.Shape.ToArray());
            foreach (var (j, value) in found.To(DType.Float64).ToArray<double>().Index())
            {
                Assert.True(
                    Math.Abs(value - expected[j]) <= tolerance * Math.Max(1, Math.Abs(expected[j])),
                    $"{groups} [{string.Join(", ", shape)}], element {j}: {value} was found, {expected[j]} expected");
            }
        }
    }
}
