using System.Buffers.Binary;
using System.Text;
using NetVips;
using Subband.Imaging;

namespace Subband.Cli.Tests.Commands;

/// <summary>What people give an upscaler by mistake: a plain error that names the file, the rest of the batch done, a true exit code.</summary>
public sealed class UpscaleBadInputTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public UpscaleBadInputTests()
    {
        Assert.SkipUnless(ImageFile.IsAvailable(out string reason), reason);
        Directory.CreateDirectory(_folder["in"]);
        ImageFile.WritePng(_folder["in/good.png"], Noise(40, 30));
    }

    public static TheoryData<string, string, string> BadFiles { get; } = new()
    {
        { "cut.png", "cut", "truncated" },
        { "empty.png", "empty", "is empty (0 bytes)" },
        { "text.jpg", "text", "text" },
        { "bomb.png", "bomb", "60000x60000" },
        { "measured.tif", "float", "float" },
    };

    [Theory]
    [MemberData(nameof(BadFiles))]
    public void A_bad_file_is_named_with_its_reason_and_the_rest_is_done(string name, string kind, string reason)
    {
        _folder.Write("in/" + name, Make(kind));
        Outcome outcome = SubbandProcess.Run("upscale", _folder["in"], "--out", _folder["out"], "--model", "bicubic");
        Assert.Equal(1, outcome.ExitCode);
        string line = Assert.Single(outcome.MessageLines, line => line.StartsWith("subband: ", StringComparison.Ordinal));
        Assert.Contains(_folder["in/" + name], line, StringComparison.Ordinal);
        Assert.Contains(reason, line, StringComparison.Ordinal);
        Assert.Contains("1 done, 0 skipped (finished before), 1 failed", outcome.Out, StringComparison.Ordinal);
        Assert.Equal(80, ImageFile.ReadRgb8(_folder["out/good.png"]).Width);
        Assert.DoesNotContain("   at ", outcome.Messages, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 20000)]
    [InlineData(20000, 1)]
    public void The_smallest_and_the_longest_pictures_are_enlarged(int width, int height)
    {
        ImageFile.WritePng(_folder["thin.png"], Noise(width, height));
        Outcome outcome = SubbandProcess.Run("upscale", _folder["thin.png"], "--scale", "3", "--model", "bicubic", "--out", _folder["large.png"]);
        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Complaints));
        ImageInfo info = ImageFile.Probe(_folder["large.png"]);
        Assert.Equal((3 * width, 3 * height), (info.Width, info.Height));
    }

    [Fact]
    public void Of_an_animated_gif_the_first_frame_is_taken_and_it_is_said()
    {
        using (Image one = Grey(20, 10, 50))
        using (Image two = Grey(20, 10, 200))
        using (Image both = one.Join(two, Enums.Direction.Vertical))
        using (Image animated = both.Mutate(image => image.Set(GValue.GIntType, "page-height", 10)))
        {
            animated.Gifsave(_folder["in/moving.gif"]);
        }

        Outcome outcome = SubbandProcess.Run("upscale", _folder["in/moving.gif"], "--model", "bicubic", "--out", _folder["out/"]);
        Assert.Equal(0, outcome.ExitCode);
        Assert.Contains("the first of 2 frames is taken", outcome.Messages, StringComparison.Ordinal);
        Rgb8Image still = ImageFile.ReadRgb8(_folder["out/moving.png"]);
        Assert.Equal((40, 20), (still.Width, still.Height));
        Assert.InRange(still.Pixels[0], 45, 55);
    }

    [Fact]
    public void A_folder_without_photographs_is_an_error()
    {
        Directory.CreateDirectory(_folder["texts"]);
        _folder.Write("texts/a.txt", "a"u8);
        Refused(1, "no photograph", "upscale", _folder["texts"], "--out", _folder["out"]);
    }

    [Fact]
    public void Results_inside_the_input_folder_are_not_enlarged_the_next_time()
    {
        string[] arguments = ["upscale", _folder["in"], "--out", _folder["in/large"], "--model", "bicubic"];
        Assert.Equal(0, SubbandProcess.Run(arguments).ExitCode);
        Outcome again = SubbandProcess.Run(arguments);
        Assert.Contains("0 done, 1 skipped", again.Out, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder["in/large/large"]));
    }

    [Fact]
    public void Where_nothing_may_be_written_it_is_said()
    {
        Assert.SkipUnless(Directory.Exists("/proc/1"), "Needs a place that nobody may write to.");
        Outcome outcome = SubbandProcess.Run("upscale", _folder["in"], "--out", "/proc/subband", "--model", "bicubic");
        Assert.Equal(1, outcome.ExitCode);
        Assert.Contains("/proc/subband", outcome.Messages, StringComparison.Ordinal);
        outcome = SubbandProcess.Run("upscale", _folder["in/good.png"], "--out", "/proc/subband.png", "--model", "bicubic");
        Assert.Equal(1, outcome.ExitCode);
        Assert.Contains("/proc/subband.png", outcome.Messages, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-2")]
    [InlineData("0.5")]
    [InlineData("65")]
    [InlineData("two")]
    [InlineData("NaN")]
    public void A_scale_that_there_is_not_is_wrong_usage(string scale) =>
        Refused(2, "--scale", "upscale", _folder["in"], "--out", _folder["out"], "--scale", scale);

    [Fact]
    public void A_photograph_is_never_written_over() =>
        Refused(2, "over the original", "upscale", _folder["in/good.png"], "--out", _folder["in/../in/good.png"]);

    [Theory]
    [InlineData("b.gif", ".gif")]
    [InlineData("b", "no extension")]
    public void A_name_that_says_nothing_of_a_format_is_refused_and_never_taken_for_jpeg(string name, string reason) =>
        Refused(2, reason, "upscale", _folder["in/good.png"], "--out", _folder[name]);

    [Fact]
    public void What_is_no_model_for_photographs_is_refused_by_name()
    {
        Refused(1, "subband sample", "upscale", _folder["in"], "--out", _folder["out"], "--model", "lapgan-cifar10");
        Refused(2, "lanczos3", "upscale", _folder["in"], "--out", _folder["out"], "--model", "lanzcos3");
    }

    [Theory]
    [InlineData("--scale", "2", "--width", "100")]
    [InlineData("--format", "gif")]
    [InlineData("--reference", "x.png")]
    [InlineData("--model", "bicubic", "--model", "nearest")]
    [InlineData("--quality", "101")]
    [InlineData("--self-ensemble", "--model", "bicubic")]
    public void Options_that_contradict_or_mean_nothing_are_refused(params string[] options) =>
        Refused(2, "--", ["upscale", _folder["in"], "--out", _folder["out"], .. options]);

    public void Dispose() => _folder.Dispose();

    private static void Refused(int exitCode, string reason, params string[] arguments)
    {
        Outcome outcome = SubbandProcess.Run(arguments);
        Assert.Equal(exitCode, outcome.ExitCode);
        Assert.Contains(reason, outcome.Messages, StringComparison.Ordinal);
        Assert.DoesNotContain("internal error", outcome.Messages, StringComparison.Ordinal);
    }

    private static Image Grey(int width, int height, int level)
    {
        using Image black = Image.Black(width, height, bands: 3);
        using Image grey = black + level;
        using Image bytes = grey.Cast(Enums.BandFormat.Uchar);
        return bytes.Copy(interpretation: Enums.Interpretation.Srgb);
    }

    private static Rgb8Image Noise(int width, int height)
    {
        byte[] pixels = new byte[width * height * 3];
        uint state = 1;
        foreach (ref byte pixel in pixels.AsSpan())
        {
            state = (state * 1664525) + 1013904223;
            pixel = (byte)(state >> 24);
        }

        return new Rgb8Image(width, height, pixels);
    }

    private static byte[] Make(string kind)
    {
        byte[] png = ImageFile.EncodePng(Noise(64, 64));
        switch (kind)
        {
            case "cut":
                return png[..(png.Length / 2)];
            case "empty":
                return [];
            case "text":
                return Encoding.UTF8.GetBytes("Dear diary, today I was renamed.\n");
            case "bomb":
                BinaryPrimitives.WriteInt32BigEndian(png.AsSpan(16), 60000);
                BinaryPrimitives.WriteInt32BigEndian(png.AsSpan(20), 60000);
                BinaryPrimitives.WriteUInt32BigEndian(png.AsSpan(29), Crc(png.AsSpan(12, 17)));
                return png;
            default:
                using (Image grey = Grey(8, 8, 3))
                using (Image real = grey.Cast(Enums.BandFormat.Float))
                {
                    return real.TiffsaveBuffer();
                }
        }
    }

    private static uint Crc(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte b in bytes)
        {
            crc ^= b;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) == 0 ? crc >> 1 : (crc >> 1) ^ 0xEDB88320;
            }
        }

        return ~crc;
    }
}
