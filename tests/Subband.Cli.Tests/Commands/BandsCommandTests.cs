using Subband.Imaging;

namespace Subband.Cli.Tests.Commands;

public sealed class BandsCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new(inMemory: true);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_flat_picture_is_itself_in_the_corner_and_grey_around()
    {
        Assert.SkipUnless(ImageFile.IsAvailable(out string reason), reason);
        ImageFile.WritePng(_folder["flat.png"], new Rgb8Image(35, 24, [.. Enumerable.Repeat((byte)200, 3 * 35 * 24)]));
        Outcome outcome = SubbandProcess.Run("bands", _folder["flat.png"], "--out", _folder["bands.png"], "--levels", "2");
        Assert.True(outcome.ExitCode == 0, outcome.Messages);
        Assert.Contains("note: 35x24 pixels cannot be halved 2 times; the upper left 32x24 are taken", outcome.Messages, StringComparison.Ordinal);

        Rgb8Image bands = ImageFile.ReadRgb8(_folder["bands.png"]);
        Assert.Equal((32, 24), (bands.Width, bands.Height));
        for (int y = 0; y < bands.Height; y++)
        {
            for (int x = 0; x < bands.Width; x++)
            {
                Assert.Equal(x < 8 && y < 6 ? 200 : 128, bands.Pixels[3 * ((y * bands.Width) + x)]);
            }
        }
    }

    [Theory]
    [InlineData(2, "has 5x9 pixels, which can be halved 2 times, not 3; give --levels 2 or less.", "--levels", "3")]
    [InlineData(2, "--levels takes a whole number from 1 to 16, not '0'.", "--levels", "0")]
    [InlineData(2, "--contrast takes a number greater than 0, not '-1'.", "--contrast", "-1")]
    public void What_cannot_be_done_is_said(int exitCode, string said, params string[] more)
    {
        Assert.SkipUnless(ImageFile.IsAvailable(out string reason), reason);
        ImageFile.WritePng(_folder["small.png"], new Rgb8Image(5, 9, new byte[3 * 5 * 9]));
        Outcome outcome = SubbandProcess.Run(["bands", _folder["small.png"], "--out", _folder["bands.png"], .. more]);
        Assert.True(exitCode == outcome.ExitCode, outcome.Messages);
        Assert.Contains(said, outcome.Messages, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder["bands.png"]));
    }
}
