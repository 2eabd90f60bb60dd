using Subband.Imaging;
using Subband.Models;
using Subband.Models.SuperResolution;
using Subband.Tests.Data;
using Subband.Torch;

namespace Subband.Tests.Models.SuperResolution;

public sealed class TeacherTests
{
    [Fact]
    public void A_teacher_that_only_interpolates_teaches_interpolation()
    {
        Rgb8Image photograph = TestImages.Noise(24, 20, 1);
        Rgb8Image small = MatlabResize.Resize(photograph, 0.5);
        using Teacher teacher = Load("nearest", share: 1);

        Rgb8Image picture = teacher.Picture(photograph, small, 2);

        Assert.Equal(Resampler.Resize(small, 24, 20, new Resampling(ResamplingKernel.Nearest)).Pixels, picture.Pixels);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.25)]
    public void A_share_mixes_in_the_photograph(double share)
    {
        Rgb8Image photograph = TestImages.Noise(24, 20, 2);
        Rgb8Image small = MatlabResize.Resize(photograph, 0.5);
        using Teacher whole = Load("nearest", share: 1);
        using Teacher part = Load("nearest", share);

        byte[] taught = whole.Picture(photograph, small, 2).Pixels;
        byte[] mixed = part.Picture(photograph, small, 2).Pixels;

        Assert.All(
            Enumerable.Range(0, mixed.Length),
            i => Assert.InRange(mixed[i] - ((share * taught[i]) + ((1 - share) * photograph.Pixels[i])), -0.5, 0.5));
    }

    [Fact]
    public void A_large_photograph_is_taught_strip_by_strip_without_seams()
    {
        Rgb8Image small = TestImages.Noise(512, 200, 3); // strips of 128 rows
        Rgb8Image photograph = Resampler.Resize(small, 1024, 400, new Resampling(ResamplingKernel.Nearest));
        using Teacher teacher = Load("bicubic", share: 1);
        using Interpolation bicubic = new(ResamplingKernel.Bicubic);

        Assert.Equal(((IUpscaler)bicubic).Upscale(small, 2).Pixels, teacher.Picture(photograph, small, 2).Pixels);
    }

    private static Teacher Load(string name, double share) => Teacher.Load(
        new SuperResolutionSettings { Network = new NetworkSettings { Scales = [2] }, Loss = new LossSettings { Teacher = name, TeacherShare = share } },
        Device.Cpu);
}
