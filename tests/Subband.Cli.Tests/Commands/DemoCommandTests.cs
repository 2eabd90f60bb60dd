using System.Text.RegularExpressions;
using Subband.Imaging;

namespace Subband.Cli.Tests.Commands;

public sealed partial class DemoCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void The_demo_trains_for_the_time_given_and_leaves_a_page_whose_pictures_are_all_there()
    {
        RequireEngine();
        string target = _folder["demo"];
        Outcome outcome = SubbandProcess.Run("demo", "--out", target, "--seconds", "2", "--threads", "1");
        Assert.Equal(0, outcome.ExitCode);
        Assert.Equal($"{target}/index.html: open it in a browser.\n", outcome.Out);
        Assert.Contains("images in", outcome.Messages, StringComparison.Ordinal);
        string page = File.ReadAllText(Path.Combine(target, "index.html"));
        string[] pictures = [.. Sources().Matches(page).Select(match => match.Groups[1].Value)];
        Assert.True(pictures.Length >= 10, $"{pictures.Length} pictures");
        Assert.All(pictures, picture => Assert.True(File.Exists(Path.Combine(target, picture)), picture));
        Assert.DoesNotContain("{{", page, StringComparison.Ordinal);
        Assert.DoesNotContain("http", page.Replace("http-equiv", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains("<polyline", page, StringComparison.Ordinal);

        // Again into the same folder: the page is replaced, the run is not.
        Outcome again = SubbandProcess.Run("demo", "--out", target, "--seconds", "1", "--threads", "1");
        Assert.Equal(0, again.ExitCode);
        Assert.True(Directory.Exists(Path.Combine(target, "runs/live")));
        Assert.True(Directory.Exists(Path.Combine(target, "runs/live-2")));
        Assert.Contains("runs/live-2", File.ReadAllText(Path.Combine(target, "index.html")), StringComparison.Ordinal);
    }

    [Fact]
    public void Images_of_ones_own_in_a_single_class_are_trained_on()
    {
        RequireEngine();
        Directory.CreateDirectory(_folder["photos/cats"]);
        for (int i = 0; i < 5; i++)
        {
            ImageFile.WritePng(_folder[$"photos/cats/{i}.png"], new Rgb8Image(40, 50, [.. Enumerable.Range(0, 6000).Select(p => (byte)(p * (i + 3)))]));
        }

        Outcome outcome = SubbandProcess.Run("demo", "--out", _folder["demo"], "--data", _folder["photos"], "--seconds", "1", "--threads", "1");
        Assert.Equal(0, outcome.ExitCode);
        Assert.Contains("Trained while you waited: your images", File.ReadAllText(_folder["demo/index.html"]), StringComparison.Ordinal);
    }

    [Fact]
    public void The_first_step_is_waited_for_however_short_the_time()
    {
        RequireEngine();
        Outcome outcome = SubbandProcess.Run(
            "demo", "--out", _folder["demo"], "--data", "synthetic:leaves#size=1024,take=0..64", "--seconds", "1", "--threads", "1");
        Assert.Equal((0, true), (outcome.ExitCode, File.Exists(_folder["demo/index.html"])));
    }

    [Fact]
    public void A_page_that_no_demo_wrote_is_left_alone()
    {
        string page = _folder.Write("index.html", "<html>my own page</html>"u8);
        Outcome outcome = SubbandProcess.Run("demo", "--out", _folder.Path);
        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains("was not written by this command", outcome.Messages, StringComparison.Ordinal);
        Assert.Equal([page], Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void Images_that_do_not_exist_leave_nothing_behind()
    {
        RequireEngine();
        Outcome outcome = SubbandProcess.Run("demo", "--out", _folder["demo"], "--data", "/nowhere/photos");
        Assert.Equal(1, outcome.ExitCode);
        Assert.Contains("There is no file or folder /nowhere/photos", outcome.Messages, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder["demo"]));
    }

    public void Dispose() => _folder.Dispose();

    private static void RequireEngine()
    {
        if (!Subband.Torch.Native.TorchLibrary.TryLoad().Loaded)
        {
            Assert.Skip("The native library is not built; ./test.sh builds it.");
        }

        if (!ImageFile.IsAvailable(out string reason))
        {
            Assert.Skip(reason);
        }
    }

    [GeneratedRegex("src=\"([^\"]+)\"")]
    private static partial Regex Sources();
}
