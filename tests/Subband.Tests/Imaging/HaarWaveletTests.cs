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
    public void The_authors_bands_are_plain_sums()
    {
        using var scope = new TensorScope();
        var image = Tensor.From([7f, 3f, 1f, 5f], 1, 1, 2, 2);

        var bands = HaarWavelet.Analyse(image, HaarScale.Sums);

        Assert.Equal([16f, -4f, 0f, 8f], bands.ToArray<float>()); // a+b+c+d, c+d−a−b, b+d−a−c, a+d−b−c
        Assert.Equal(image.ToArray<float>(), HaarWavelet.Synthesise(bands, HaarScale.Sums).ToArray<float>());
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

    [Fact]
    public void A_picture_of_bands_has_each_in_its_corner_and_the_next_level_in_the_first()
    {
        using var scope = new TensorScope();
        var image = Tensor.From<float>(
            [
                0.1f, 0.3f, 0.2f, 0.2f,
                0.1f, 0.3f, 0.2f, 0.2f,
                0.6f, 0.6f, 0.5f, 0.9f,
                0.2f, 0.2f, 0.9f, 0.5f,
            ],
            1,
            1,
            4,
            4);

        var one = BandPicture.Arrange(image, levels: 1, contrast: 2).ToArray<float>();
        float[] expected =
        [
            0.2f, 0.2f, 0.3f, 0.5f, // LL: means; HL: 0.5 + a−b+c−d over 2
            0.4f, 0.7f, 0.5f, 0.5f,
            0.5f, 0.5f, 0.5f, 0.5f, // LH: 0.5 + a+b−c−d over 2; HH
            0.9f, 0.5f, 0.5f, 0.1f,
        ];
        Assert.Equal(expected, one, (a, b) => Math.Abs(a - b) < 1e-6);

        var two = BandPicture.Arrange(image, levels: 2, contrast: 2).ToArray<float>();
        float[] corner = [0.375f, 0.35f, 0.15f, 0.65f]; // of LL as an image: its mean, HL, LH, HH
        Assert.Equal(corner, [two[0], two[1], two[4], two[5]], (a, b) => Math.Abs(a - b) < 1e-6);
        Assert.Equal(expected.Where((_, i) => i % 4 > 1 || i / 4 > 1), two.Where((_, i) => i % 4 > 1 || i / 4 > 1), (a, b) => Math.Abs(a - b) < 1e-6);
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
