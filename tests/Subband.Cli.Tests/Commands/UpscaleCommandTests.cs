using System.Diagnostics;
using System.Text.Json;
using Subband.Imaging;

namespace Subband.Cli.Tests.Commands;

public sealed class UpscaleCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public UpscaleCommandTests() => Assert.SkipUnless(ImageFile.IsAvailable(out string reason), reason);

    [Fact]
    public void One_file_becomes_four_times_as_large_by_the_best_of_the_shipped_networks()
    {
        Outcome outcome = SubbandProcess.Run("upscale", Picture("a.png"), "--out", _folder["b.png"], "--device", "cpu");
        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Complaints));
        Assert.Contains("1 done", outcome.Out, StringComparison.Ordinal);
        Assert.Equal((96, 64), Size("b.png"));

        Outcome named = SubbandProcess.Run("upscale", _folder["a.png"], "--out", _folder["c.png"], "--model", "rdn", "--scale", "4", "--device", "cpu");
        Assert.Equal(0, named.ExitCode);
        Assert.Equal(File.ReadAllBytes(_folder["b.png"]), File.ReadAllBytes(_folder["c.png"]));
    }

    [Theory]
    [InlineData("--scale", "1.5", 36, 24)]
    [InlineData("--width", "1920", 1536, 1024)]
    [InlineData("--height", "100", 150, 100)]
    public void Any_size_can_be_asked_for(string option, string value, int width, int height)
    {
        Outcome outcome = SubbandProcess.Run("upscale", Picture("a.png"), "--model", "lanczos3", option, option == "--width" ? "1536" : value, "--out", _folder["b.png"]);
        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Complaints));
        Assert.Equal((width, height), Size("b.png"));
    }

    [Fact]
    public void A_batch_tells_each_file_in_a_line_of_json_and_ends_with_1_if_one_failed()
    {
        Directory.CreateDirectory(_folder["in/deep"]);
        Picture("in/a.png");
        Picture("in/deep/b.jpg");
        _folder.Write("in/c.png", []);
        string[] arguments = ["upscale", _folder["in"], "--out", _folder["out"], "--model", "bicubic", "--json"];
        Outcome outcome = SubbandProcess.Run(arguments);
        Assert.Equal(1, outcome.ExitCode);
        JsonElement[] lines = Lines(outcome);
        Assert.Equal(["done", "failed", "done"], lines.Select(line => line.GetProperty("status").GetString()));
        Assert.Contains("is empty", lines[1].GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.Equal(48, lines[2].GetProperty("width").GetInt32());
        Assert.Contains("2 done, 0 skipped (finished before), 1 failed", outcome.Messages, StringComparison.Ordinal);

        File.Delete(_folder["in/c.png"]);
        outcome = SubbandProcess.Run(arguments);
        Assert.Equal(0, outcome.ExitCode);
        Assert.All(Lines(outcome), line => Assert.Equal("skipped", line.GetProperty("status").GetString()));
    }

    [Fact]
    public void A_photograph_goes_from_standard_input_to_standard_output()
    {
        Picture("a.png");
        string program = Path.Combine(AppContext.BaseDirectory, "Subband.Cli");
        Outcome outcome = SubbandProcess.Start(
            "/bin/sh", [], "-c", $"'{program}' upscale - --out - --model bicubic --format jpg < '{_folder["a.png"]}' > '{_folder["b.jpg"]}'");
        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Complaints));
        Assert.Equal((48, 32), Size("b.jpg"));
        outcome = SubbandProcess.Start(
            "/bin/sh", [], "-c", $"'{program}' upscale '{_folder["a.png"]}' --out - --model bicubic --format tif > '{_folder["b.tif"]}'");
        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Complaints));
        Assert.Equal((ImageFormat.Tiff, 48), (ImageFile.Probe(_folder["b.tif"]).Format, ImageFile.Probe(_folder["b.tif"]).Width));
    }

    [Fact]
    public void A_sheet_has_a_column_for_each_model_and_one_for_the_true_picture()
    {
        string small = TestData.Path("sr/Set5/LRx3/butterfly.png");
        string large = TestData.Path("sr/Set5/HR/butterfly.png");
        Outcome outcome = SubbandProcess.Run(
            "upscale", small, "--scale", "3", "--model", "nearest", "--model", "lanczos3", "--sheet", _folder["sheet.png"], "--reference", large);
        Assert.Equal(0, outcome.ExitCode);
        (int width, int height) = Size("sheet.png");
        Assert.InRange(width, 4 * 224, 5 * 224);
        Assert.InRange(height, 4 * 224, 5 * 224);

        outcome = SubbandProcess.Run("upscale", small, "--scale", "2", "--sheet", _folder["sheet.png"], "--reference", large);
        Assert.Equal(1, outcome.ExitCode);
        Assert.Contains("do not fit", outcome.Messages, StringComparison.Ordinal);
    }

    [Fact]
    public void A_killed_batch_goes_on_and_leaves_no_half_file()
    {
        Directory.CreateDirectory(_folder["in"]);
        for (int i = 0; i < 12; i++)
        {
            Picture($"in/{i:00}.png", 300, 200);
        }

        string[] arguments = ["upscale", _folder["in"], "--out", _folder["out"], "--model", "bicubic", "--scale", "6"];
        using (RunningSubband running = new(arguments))
        {
            Assert.True(running.WaitFor("01.png"));
            running.Send("KILL");
            running.End();
        }

        Assert.All(Directory.GetFiles(_folder["out"], "*.png"), file => Assert.Equal(1800, ImageFile.ReadRgb8(file).Width));
        Outcome outcome = SubbandProcess.Run([.. arguments, "--json"]);
        Assert.Equal(0, outcome.ExitCode);
        string[] statuses = [.. Lines(outcome).Select(line => line.GetProperty("status").GetString()!)];
        Assert.Equal(12, statuses.Length);
        Assert.Equal(["skipped", "skipped"], statuses[..2]);
        Assert.Equal(12, Directory.GetFiles(_folder["out"], "*.png").Length);
    }

    // An output of 100 megapixels, in less memory than five bytes for each of its samples.
    [Fact]
    [Trait("Category", "Long")]
    public void A_hundred_megapixels_take_less_than_a_gibibyte_and_a_half()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Reads /proc.");
        Picture("a.png", 2500, 2500);
        using Process process = Process.Start(new ProcessStartInfo(
            Path.Combine(AppContext.BaseDirectory, "Subband.Cli"),
            ["upscale", _folder["a.png"], "--model", "bicubic", "--scale", "4", "--out", _folder["b.png"]])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        long peak = 0;
        while (!process.WaitForExit(50))
        {
            process.Refresh();
            peak = Math.Max(peak, process.PeakWorkingSet64);
        }

        Assert.Equal(0, process.ExitCode);
        Assert.InRange(peak, 1, (3L << 30) / 2);
        Assert.Equal((10000, 10000), Size("b.png", probe: true));
    }

    public void Dispose() => _folder.Dispose();

    private static JsonElement[] Lines(Outcome outcome) => [.. outcome.Out
        .Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];

    private (int Width, int Height) Size(string name, bool probe = false)
    {
        if (probe)
        {
            ImageInfo info = ImageFile.Probe(_folder[name]);
            return (info.Width, info.Height);
        }

        Rgb8Image image = ImageFile.ReadRgb8(_folder[name]);
        return (image.Width, image.Height);
    }

    private string Picture(string name, int width = 24, int height = 16)
    {
        byte[] pixels = new byte[width * height * 3];
        for (int i = 0; i < pixels.Length; i++)
        {
            pixels[i] = (byte)((i * 7) ^ (i / (width * 3) * 11));
        }

        ImageFile.WritePng(_folder[name], new Rgb8Image(width, height, pixels)); // whatever its name: the first bytes count
        return _folder[name];
    }
}
