using System.Numerics;
using Subband.Torch;
using Subband.Training.Augmentation;

namespace Subband.Tests.Training.Augmentation;

/// <summary>The bank of filters by its frequency responses, and what it does to images.</summary>
public sealed class OctaveFilterTests
{
    [Fact]
    public void The_bands_are_octaves_and_add_up_to_everything()
    {
        var filters = OctaveFilter.Filters();
        Assert.Equal([43, 43, 43, 43], filters.Select(filter => filter.Length));
        for (var f = 0; f <= 64; f++)
        {
            double[] responses = [.. filters.Select(filter => Response(filter, Math.PI * f / 64))];
            Assert.Equal(1, responses.Sum(), 1e-11);
            Assert.All(responses, response => Assert.InRange(response, -1e-11, 1 + 1e-11));
        }

        // Each holds the middle of its own octave for the most part.
        double[] middles = [0, 3 * Math.PI / 16, 3 * Math.PI / 8, 3 * Math.PI / 4];
        for (var band = 0; band < filters.Length; band++)
        {
            Assert.True(Response(filters[band], middles[band]) > 0.6, $"{band}: {Response(filters[band], middles[band])}");
        }
    }

    [Fact]
    public void Gains_of_one_band_keep_the_power_of_a_natural_image()
    {
        double[] gains = [1, 1, 1, 1];
        OctaveFilter.Multiply(gains, 0, 3);
        Assert.Equal(13, (10 * gains[0] * gains[0]) + (gains[1] * gains[1]) + (gains[2] * gains[2]) + (gains[3] * gains[3]), 1e-12);
        Assert.Equal(3, gains[0] / gains[2], 1e-12);
        OctaveFilter.Multiply(gains, 3, 1);
        Assert.Equal(3, gains[0] / gains[3], 1e-12);
    }

    [Fact]
    public void A_wave_is_multiplied_by_the_gain_of_its_frequency_along_each_axis()
    {
        using var scope = new TensorScope();
        const int Size = 33;
        double[] gains = [0.5, 2, 3, 0.25];

        // A cosine that is symmetric about the first and the last pixel, so that its mirror image continues it.
        double[] wave = [.. Enumerable.Range(0, Size).Select(i => Math.Cos(Math.PI * 12 * i / (Size - 1)))];
        var row = Tensor.From(wave, 1, 1, 1, Size);
        double Gain(double w) => OctaveFilter.Filters().Select((filter, band) => gains[band] * Response(filter, w)).Sum();

        var along = OctaveFilter.Apply(row.Expand(1, 1, Size, Size).Contiguous(), [gains]);
        var both = OctaveFilter.Apply(row * row.Transpose(), [gains]);

        var atWave = Gain(Math.PI * 12 / (Size - 1));
        Assert.True((along - (row * (atWave * Gain(0)))).Abs().Max().Item() < 1e-12);
        Assert.True((both - (row * row.Transpose() * (atWave * atWave))).Abs().Max().Item() < 1e-12);
    }

    [Fact]
    public void Images_whose_gains_are_1_stay_bit_by_bit()
    {
        using var scope = new TensorScope();
        using var random = new Generator(1);
        var images = Tensor.Randn([2, 3, 5, 6], random);
        var changed = OctaveFilter.Apply(images, [[1, 1, 1, 1], [1, 1, 1, 2]]);
        Assert.Equal(images.Select(0, 0).ToArray<float>(), changed.Select(0, 0).ToArray<float>());
        Assert.NotEqual(images.Select(0, 1).ToArray<float>(), changed.Select(0, 1).ToArray<float>());
    }

    // Of a symmetric filter around its middle; real.
    private static double Response(double[] filter, double frequency) => filter
        .Select((tap, i) => tap * Complex.Exp(Complex.ImaginaryOne * frequency * (i - (filter.Length / 2))).Real)
        .Sum();
}
