using Subband.Imaging;
using Subband.Models;
using Subband.Models.SuperResolution;
using Subband.Tests.Data;
using Subband.Torch;

namespace Subband.Tests.Models.SuperResolution;

public sealed class SelfEnsembleTests
{
    [Fact]
    public void The_mean_over_eight_positions_leaves_no_direction_preferred()
    {
        using TensorScope scope = new();
        Shifting shifting = new();
        using SelfEnsemble ensemble = new(shifting);
        Tensor image = Tensor.Zeros([1, 3, 5, 4]);
        image.Narrow(2, 2, 1).Narrow(3, 1, 1).FillInPlace(1);

        Tensor found = ensemble.Upscale(image, 1);

        // A shift to the right by a pixel becomes one of a quarter of the weight in each direction.
        float[] plane = found.Select(0, 0).Select(0, 0).Contiguous().ToArray<float>();
        float[] expected = new float[20];
        expected[(1 * 4) + 1] = expected[(3 * 4) + 1] = expected[(2 * 4) + 0] = expected[(2 * 4) + 2] = 0.25f;
        Assert.Equal(expected, plane);
        Assert.Equal((8, 3), (shifting.Calls, ensemble.Scales[0]));
    }

    [Fact]
    public void What_prefers_no_direction_stays_as_it_is()
    {
        using TensorScope scope = new();
        using Interpolation plain = new(ResamplingKernel.Bicubic);
        using SelfEnsemble ensemble = new(new Interpolation(ResamplingKernel.Bicubic));
        Tensor image = TensorImages.ToTensor([TestImages.Noise(13, 9, 1)], PixelRange.Unit);
        Assert.True((plain.Upscale(image, 3) - ensemble.Upscale(image, 3)).Abs().Max().Item() < 1e-6);
    }

    private sealed class Shifting : IUpscaler
    {
        public int Calls { get; private set; }

        public IReadOnlyList<int> Scales => [3];

        public int? Reach(int scale) => 1;

        public Tensor Upscale(Tensor images, int scale)
        {
            Calls++;
            return images.Roll(1, 3);
        }

        public void Dispose()
        {
        }
    }
}
