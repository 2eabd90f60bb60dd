using Subband.Imaging;
using Subband.Torch;

namespace Subband.Tests.Imaging;

public sealed class HaarWaveletTests
{
    [Fact]
    public void A_block_becomes_half_its_sum_and_half_its_differences()
    {
        using var scope = new TensorScope();

        var bands = HaarWavelet.Analyse(Tensor.From([7f, 3f, 1f, 5f], 1, 1, 2, 2));

        Assert.Equal([8f, 2f, 0f, 4f], bands.ToArray<float>()); // a+b+c+d, a+b−c−d, a−b+c−d, a−b−c+d, halved
        Assert.Equal([1, 4, 1, 1], bands.Shape.ToArray());
    }

    [Fact]
    public void The_channels_of_a_band_stay_together()
    {
        using var scope = new TensorScope();
        var image = Tensor.From([1f, 2f, 3f], 1, 3, 1, 1).Expand(1, 3, 4, 6);

        var bands = HaarWavelet.Analyse(image);

        Assert.Equal([1, 12, 2, 3], bands.Shape.ToArray());
        Assert.Equal([2f, 4f, 6f, 0f, 0f, 0f, 0f, 0f, 0f, 0f, 0f, 0f], bands.Max([0, 2, 3]).ToArray<float>());
        Assert.Equal([2f, 4f, 6f, 0f, 0f, 0f, 0f, 0f, 0f, 0f, 0f, 0f], bands.Min([0, 2, 3]).ToArray<float>());
    }

    [Theory]
    [InlineData(1, 1, 2, 2)]
    [InlineData(3, 3, 6, 10)]
    [InlineData(2, 5, 32, 16)]
    public void It_is_undone_exactly_and_keeps_lengths(long n, long c, long h, long w)
    {
        using var scope = new TensorScope();
        using var random = new Generator(1);
        var image = Tensor.Randn([n, c, h, w], random, DType.Float64);

        var bands = HaarWavelet.Analyse(image);

        Assert.Equal(0, (HaarWavelet.Synthesise(bands) - image).Abs().Max().Item(), 1e-14);
        Assert.Equal(0, (HaarWavelet.Analyse(HaarWavelet.Synthesise(bands)) - bands).Abs().Max().Item(), 1e-14);
        Assert.Equal(image.Norm().Item(), bands.Norm().Item(), 1e-11);
    }

    [Fact]
    public void Odd_sides_are_refused()
    {
        using var scope = new TensorScope();

        var error = Assert.Throws<TensorShapeException>(() => HaarWavelet.Analyse(Tensor.Zeros([1, 3, 7, 8])));

        Assert.Contains("[N, C, 2H, 2W]", error.Message, StringComparison.Ordinal);
        _ = Assert.Throws<TensorShapeException>(() => HaarWavelet.Synthesise(Tensor.Zeros([1, 6, 4, 4])));
    }
}
