using Subband.Imaging;
using Subband.Torch;

namespace Subband.Tests.Imaging;

/// <summary>One convolution beside synthesis, StyleGAN2's resampling of the image and analysis.</summary>
public sealed class HaarResamplingTests
{
    private static readonly float[] Smoothing = [1, 3, 3, 1];

    public static TheoryData<HaarScale, int, int, int> Cases => new()
    {
        { HaarScale.Orthonormal, 3, 4, 4 },
        { HaarScale.Orthonormal, 1, 2, 6 },
        { HaarScale.Sums, 3, 8, 2 },
        { HaarScale.Sums, 4, 16, 10 },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Doubling_is_the_three_steps_in_one_with_its_borders(HaarScale scale, int colours, int height, int width)
    {
        using var scope = new TensorScope();
        using var random = new Generator(3);
        var bands = Tensor.Randn([2, 4 * colours, height, width], random, DType.Float64);

        var image = HaarWavelet.Synthesise(bands, scale);
        var expected = HaarWavelet.Analyse(
            Functional.ConvTranspose2d(image, Filter(colours, 4), stride: 2, padding: 1, groups: colours), scale);

        AssertNear(expected, HaarResampling.Double(bands, scale));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Halving_is_the_three_steps_in_one_with_its_borders(HaarScale scale, int colours, int height, int width)
    {
        using var scope = new TensorScope();
        using var random = new Generator(4);
        var bands = Tensor.Randn([2, 4 * colours, height, width], random, DType.Float64);

        var image = HaarWavelet.Synthesise(bands, scale);
        var expected = HaarWavelet.Analyse(Functional.Conv2d(image, Filter(colours, 1), stride: 2, padding: 1, groups: colours), scale);

        AssertNear(expected, HaarResampling.Halve(bands, scale));
    }

    [Fact]
    public void A_white_image_keeps_what_the_reference_code_leaves_of_it_at_its_border()
    {
        using var scope = new TensorScope();
        var white = HaarWavelet.Analyse(Tensor.Ones([1, 1, 16, 16]));

        // measured with rosinality/stylegan2-pytorch, by its Upsample and Downsample
        var doubled = HaarWavelet.Synthesise(HaarResampling.Double(white)).ToArray<float>(); // 32x32
        Assert.Equal([0.5625f, 0.75f, 1f], [doubled[0], doubled[16], doubled[(16 * 32) + 16]]);
        var halved = HaarWavelet.Synthesise(HaarResampling.Halve(white)).ToArray<float>(); // 8x8
        Assert.Equal([0.765625f, 0.875f, 1f], [halved[0], halved[4], halved[(4 * 8) + 4]]);
    }

    [Fact]
    public void White_noise_comes_out_as_soft_as_of_the_reference_code()
    {
        using var scope = new TensorScope();
        using var random = new Generator(5);
        var doubled = HaarResampling.Double(Tensor.Randn([4, 4, 128, 128], random));

        foreach (var (band, deviation) in new[] { 1.19, 0.27, 0.27, 0.06 }.Index())
        {
            Assert.Equal(deviation, doubled.Narrow(1, band, 1).Square().Mean().Sqrt().Item(), 0.01);
        }
    }

    [Fact]
    public void Shapes_that_hold_no_bands_are_refused()
    {
        using var scope = new TensorScope();
        var error = Assert.Throws<TensorShapeException>(() => HaarResampling.Double(Tensor.Zeros([1, 6, 4, 4])));
        Assert.Contains("[N, 4C, H, W]", error.Message, StringComparison.Ordinal);
        error = Assert.Throws<TensorShapeException>(() => HaarResampling.Halve(Tensor.Zeros([1, 4, 3, 4])));
        Assert.Contains("[N, 4C, 2H, 2W]", error.Message, StringComparison.Ordinal);
    }

    // [C, 1, 4, 4] of this sum
    private static Tensor Filter(int colours, double sum)
    {
        var row = Tensor.From<float>(Smoothing, 1, 4).To(DType.Float64);
        return (row.Transpose().MatMul(row) * (sum / 64)).Reshape(1, 1, 4, 4).Expand(colours, 1, 4, 4);
    }

    private static void AssertNear(Tensor expected, Tensor actual)
    {
        Assert.Equal(expected.Shape.ToArray(), actual.Shape.ToArray());
        Assert.Equal(0, (expected - actual).Abs().Max().Item(), 1e-13);
    }
}
