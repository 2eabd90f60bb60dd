using Subband.Imaging;

namespace Subband.Tests.Examples;

/// <summary>The program of twenty-five lines that trains a tiny SWAGAN without the command line.</summary>
public sealed class TrainSwaganTests : IDisposable
{
    private readonly TemporaryFolder _folder = new(inMemory: true);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_program_trains_and_shows_samples_beside_their_bands()
    {
        Assert.SkipUnless(ImageFile.IsAvailable(out string reason), reason);
        string[] lines = ExampleProgram.Run("TrainSwagan", _folder["swagan"]).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, lines.Length);
        Assert.All(lines, line => Assert.Matches(@"^\d\.\d\d kimg, \d+ images/s$", line));
        Rgb8Image image = ImageFile.ReadRgb8(Path.Combine(_folder["swagan"], "bands.png"));
        Assert.True(image.Width > 3 * image.Height, $"{image.Width}x{image.Height}"); // eight beside each other, two below
    }

    [Fact]
    public void It_has_twenty_five_lines() => Assert.InRange(ExampleProgram.Lines("TrainSwagan"), 10, 25);
}
