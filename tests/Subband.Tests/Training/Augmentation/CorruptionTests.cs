using Subband.Torch;
using Subband.Training.Augmentation;

namespace Subband.Tests.Training.Augmentation;

/// <summary>Noise and holes.</summary>
public sealed class CorruptionTests
{
    [Fact]
    public void Noise_has_the_deviation_of_its_image()
    {
        using var scope = new TensorScope();
        using var random = new Generator(1);
        var images = Tensor.Randn([3, 3, 64, 64], random);
        var noisy = Corruption.AddNoise(images, Tensor.Randn([3, 3, 64, 64], random), [0.1, 0, 0.3]);
        var deviations = (noisy - images).Variance([1, 2, 3]).Sqrt().ToArray<float>();
        Assert.Equal(0.1, deviations[0], 0.005);
        Assert.Equal(0, deviations[1]);
        Assert.Equal(0.3, deviations[2], 0.015);
    }

    [Fact]
    public void A_hole_has_half_the_sides_of_the_image_and_is_cut_off_at_its_edges()
    {
        using var scope = new TensorScope();
        var cut = Corruption.CutOut(Tensor.Ones([3, 1, 8, 12]), [(0.5, 0.5), null, (0, 1)]);
        AssertHole(cut.Select(0, 0), rows: (2, 6), columns: (3, 9));
        AssertHole(cut.Select(0, 1), rows: (0, 0), columns: (0, 0));
        AssertHole(cut.Select(0, 2), rows: (6, 8), columns: (0, 3));
    }

    private static void AssertHole(Tensor image, (int From, int To) rows, (int From, int To) columns)
    {
        foreach (var (i, value) in image.ToArray<float>().Index())
        {
            var (y, x) = (i / 12, i % 12);
            var isInside = y >= rows.From && y < rows.To && x >= columns.From && x < columns.To;
            Assert.Equal(isInside ? 0 : 1, value);
        }
    }
}
