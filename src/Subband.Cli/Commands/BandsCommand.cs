using System.CommandLine;
using Subband.Cli.Common;
using Subband.Imaging;
using Subband.Torch;

namespace Subband.Cli.Commands;

/// <summary><c>subband bands IMAGE --out FILE.png</c>: what Haar wavelets take an image apart into, to look at.</summary>
internal sealed class BandsCommand : Verb
{
    private const int MostLevels = 16;
    private const double UsualContrast = 4;

    private readonly Argument<string> _image = new("IMAGE") { Description = "A picture" };
    private readonly Option<string> _out = CommonOptions.Out("The picture of its bands to write", "FILE.png");
    private readonly Option<long?> _levels = CommonOptions.WholeNumber("--levels", "How often to halve it (default: 1)", 1, MostLevels);
    private readonly Option<double?> _contrast = CommonOptions.PositiveNumber(
        "--contrast", $"How much stronger than in the picture LH, HL and HH are shown (default: {UsualContrast})");

    public BandsCommand()
        : base("bands", "Show the wavelet bands of a picture: LL, beside it HL, below LH and HH")
    {
        Add(_image);
        Add(_out);
        Add(_levels);
        Add(_contrast);
    }

    protected override int Run(Invocation run)
    {
        (string path, string to) = (run.Get(_image), run.Get(_out));
        OutputFile.Require(to, ".png");
        Rgb8Image image = ImageFile.ReadRgb8(path);
        int levels = (int)(run.Get(_levels) ?? 1);
        int most = int.Log2(Math.Min(image.Width, image.Height));
        if (levels > most)
        {
            throw new UsageException(most == 0
                ? $"{path} has {image.Width}x{image.Height} pixels, which cannot be halved."
                : $"{path} has {image.Width}x{image.Height} pixels, which can be halved {Texts.Count(most, "time")}, not {levels}; give --levels {most} or less.");
        }

        Rgb8Image whole = image.Cut(new PixelWindow(0, 0, image.Width >> levels << levels, image.Height >> levels << levels));
        if (whole != image)
        {
            run.Say($"note: {image.Width}x{image.Height} pixels cannot be halved {Texts.Count(levels, "time")}; the upper left {whole.Width}x{whole.Height} are taken");
        }

        using TensorScope scope = new();
        Tensor bands = BandPicture.Arrange(TensorImages.ToTensor([whole], PixelRange.Unit), levels, run.Get(_contrast) ?? UsualContrast);
        ImageFile.WritePng(to, TensorImages.ToImages(bands, PixelRange.Unit)[0]);
        run.Say($"bands of {Texts.Count(levels, "level")} in {to}");
        return ExitCodes.Done;
    }
}
