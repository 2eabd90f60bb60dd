using Subband.Imaging;

namespace Subband.Tests.Examples;

/// <summary>The program of five lines that makes a photograph larger without the command line.</summary>
public sealed class UpscalePhotographTests : IDisposable
{
    private readonly TemporaryFolder _folder = new(inMemory: true);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_program_makes_a_photograph_larger()
    {
        Assert.SkipUnless(ImageFile.IsAvailable(out string reason), reason);
        Rgb8Image small = new DeadLeaves(30, 40).Render(0);
        ImageFile.WritePng(_folder["small.png"], small);

        string output = ExampleProgram.Run("UpscalePhotograph", _folder["small.png"], _folder["large.png"], "bicubic", "1.5");

        Assert.Equal($"{_folder["large.png"]}: 60x45\n", output);
        Rgb8Image large = ImageFile.ReadRgb8(_folder["large.png"]);
        Assert.Equal(Resampler.Resize(small, 60, 45, new Resampling(ResamplingKernel.Bicubic)).Pixels, large.Pixels);
    }

    [Fact]
    public void It_has_five_lines() => Assert.Equal(5, ExampleProgram.Lines("UpscalePhotograph"));
}
