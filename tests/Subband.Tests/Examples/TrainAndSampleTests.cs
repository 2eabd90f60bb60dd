using Subband.Imaging;

namespace Subband.Tests.Examples;

/// <summary>The program of twenty lines that trains and samples without the command line.</summary>
public sealed class TrainAndSampleTests : IDisposable
{
    private readonly TemporaryFolder _folder = new(inMemory: true);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_program_trains_and_writes_samples_and_called_again_goes_on()
    {
        string[] lines = Run();
        Assert.Equal(3, lines.Length);
        Assert.All(lines, line => Assert.Matches(@"^\d\.\d kimg, \d+ images/s$", line));
        string sheet = Path.Combine(_folder["leaves"], "samples.png");
        byte[] first = File.ReadAllBytes(sheet);
        Rgb8Image image = ImageFile.DecodeRgb8(first, sheet);
        Assert.Equal((8 * 96) + (9 * 4), image.Width);
        Assert.Equal(image.Width, image.Height);

        Assert.Empty(Run());
        Assert.Equal(first, File.ReadAllBytes(sheet));
    }

    [Fact]
    public void It_has_twenty_lines() => Assert.InRange(ExampleProgram.Lines("TrainAndSample"), 10, 20);

    private string[] Run() => ExampleProgram.Run("TrainAndSample", _folder["leaves"]).Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
