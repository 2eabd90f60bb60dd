using System.Text.Json;
using Subband.Imaging;

namespace Subband.Cli.Tests.Commands;

public class DataCommandTests
{
    private static readonly string[] Classes = ["cat", "dog"];

    [Fact]
    public void Info_counts_classes_and_splits_and_names_each_refused_file_with_its_reason()
    {
        using TemporaryFolder folder = Photos();
        Outcome outcome = SubbandProcess.Run("data", "info", folder.Path);
        Assert.Equal(0, outcome.ExitCode);
        Assert.Empty(outcome.Complaints);
        Assert.Contains("images       6\n", outcome.Out, StringComparison.Ordinal);
        Assert.Contains("sizes        8x6 (6)\n", outcome.Out, StringComparison.Ordinal);
        Assert.Matches(@"class +train +test\ncat +2 +1\ndog +2 +1\nall +4 +2\n", outcome.Out);
        Assert.Contains("refused train/cat/broken.png: ", outcome.Out, StringComparison.Ordinal);
        Assert.Contains("refused train/notes.txt: ", outcome.Out, StringComparison.Ordinal);
    }

    [Fact]
    public void Info_as_json_holds_the_same_for_programs()
    {
        using TemporaryFolder folder = Photos();
        Outcome outcome = SubbandProcess.Run("data", "info", folder.Path + "#class=dog", "--json");
        Assert.Equal(0, outcome.ExitCode);
        using JsonDocument report = JsonDocument.Parse(outcome.Out);
        Assert.Equal(3, report.RootElement.GetProperty("count").GetInt64());
        Assert.Equal("dog", report.RootElement.GetProperty("classes")[0].GetProperty("name").GetString());
        Assert.Equal(2, report.RootElement.GetProperty("splits").GetArrayLength());
    }

    [Fact]
    public void Info_says_which_file_the_classes_come_from()
    {
        using TemporaryFolder folder = new();
        Directory.CreateDirectory(folder["00000"]);
        folder.Write("00000/img00000000.png", Png(1));
        folder.Write("00000/img00000001.png", Png(2));
        folder.Write("dataset.json", """{"labels": [["00000/img00000000.png", 2], ["00000/img00000001.png", 0]]}"""u8);
        Outcome outcome = SubbandProcess.Run("data", "info", folder.Path);
        Assert.Equal(0, outcome.ExitCode);
        Assert.Contains("classes      3, as dataset.json says\n", outcome.Out, StringComparison.Ordinal);
        Assert.Contains("refused      0\n", outcome.Out, StringComparison.Ordinal);
        Assert.Matches(@"class +images\n0 +1\n1 +0\n2 +1\n", outcome.Out);
        folder.Write("dataset.json", """{"labels": null}"""u8);
        Assert.Contains("classes      none, as dataset.json says\n", SubbandProcess.Run("data", "info", folder.Path).Out, StringComparison.Ordinal);
        folder.Write("dataset.json", """{"labels": [["00000/img00000000.png", [0.5, 0.25]], ["00000/img00000001.png", [1, 0]]]}"""u8);
        Outcome refused = SubbandProcess.Run("data", "info", folder.Path);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("found [0.5, 0.25]", Assert.Single(refused.MessageLines), StringComparison.Ordinal);
    }

    [Fact]
    public void Info_on_synthetic_images_says_that_they_have_no_end()
    {
        Outcome outcome = SubbandProcess.Run("data", "info", "synthetic:leaves#size=16");
        Assert.Equal(0, outcome.ExitCode);
        Assert.Contains("without end", outcome.Out, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_without_images_is_an_error_that_says_what_is_there_instead()
    {
        using TemporaryFolder folder = new();
        Outcome empty = SubbandProcess.Run("data", "info", folder.Path);
        Assert.Equal(1, empty.ExitCode);
        Assert.Contains($"There are no images in {folder.Path}", empty.Messages, StringComparison.Ordinal);
        folder.Write("letter.txt", "Dear friend"u8);
        Outcome text = SubbandProcess.Run("data", "info", folder.Path);
        Assert.Equal(1, text.ExitCode);
        Assert.Contains("letter.txt", text.Messages, StringComparison.Ordinal);
        Assert.Single(text.MessageLines);
    }

    [Fact]
    public void Images_none_of_which_can_be_decoded_exit_1_after_the_report()
    {
        using TemporaryFolder folder = new();
        folder.Write("half.png", Png(1).AsSpan(0, 40));
        Outcome outcome = SubbandProcess.Run("data", "info", folder.Path);
        Assert.Equal(1, outcome.ExitCode);
        Assert.Contains("refused half.png: ", outcome.Out, StringComparison.Ordinal);
        Assert.Contains("not one image of", outcome.Messages, StringComparison.Ordinal);
    }

    [Fact]
    public void A_source_that_does_not_exist_exits_1_in_one_line()
    {
        Outcome outcome = SubbandProcess.Run("data", "info", "/nowhere/photos");
        Assert.Equal(1, outcome.ExitCode);
        Assert.Equal(["subband: There is no file or folder /nowhere/photos to read images from."], outcome.MessageLines);
    }

    [Fact]
    public void An_unknown_split_exits_2_and_names_the_nearest()
    {
        using TemporaryFolder folder = Photos();
        Outcome outcome = SubbandProcess.Run("data", "info", folder.Path + "#split=tarin");
        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains("Did you mean 'train'?", outcome.Messages, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pack_is_a_source_with_the_same_images_and_leaves_the_refused_out()
    {
        using TemporaryFolder folder = Photos();
        using TemporaryFolder target = new();
        Outcome outcome = SubbandProcess.Run("data", "pack", folder.Path, "--out", target["photos.safetensors"]);
        Assert.Equal(0, outcome.ExitCode);
        Assert.Contains("packed 6 images into", outcome.Out, StringComparison.Ordinal);
        Assert.Contains("refused train/cat/broken.png: ", outcome.Out, StringComparison.Ordinal);
        Outcome info = SubbandProcess.Run("data", "info", target["photos.safetensors"], "--json");
        using JsonDocument report = JsonDocument.Parse(info.Out);
        Assert.Equal(6, report.RootElement.GetProperty("count").GetInt64());
        Assert.Equal(Classes, report.RootElement.GetProperty("classes").EnumerateArray().Select(c => c.GetProperty("name").GetString()));
    }

    [Theory]
    [InlineData("photos.pack", 2, "--out names a .safetensors file")]
    [InlineData("missing/photos.safetensors", 1, "there is no folder")]
    public void A_pack_that_cannot_be_written_is_refused_before_anything_is_read(string name, int exitCode, string message)
    {
        using TemporaryFolder target = new();
        Outcome outcome = SubbandProcess.Run("data", "pack", "/nowhere/photos", "--out", target[name]);
        Assert.Equal(exitCode, outcome.ExitCode);
        Assert.Contains(message, outcome.Messages, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(target.Path));
    }

    [Fact]
    public void A_pack_in_a_folder_that_cannot_be_written_is_refused_before_anything_is_read()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Needs a folder that nobody can write.");
        Outcome outcome = SubbandProcess.Run("data", "pack", "/nowhere/photos", "--out", "/proc/self/photos.safetensors");
        Assert.Equal(1, outcome.ExitCode);
        Assert.StartsWith("subband: Cannot write /proc/self: failed to make photos.safetensors in it, because", outcome.Messages, StringComparison.Ordinal);
    }

    [Fact]
    public void An_endless_source_is_not_packed_without_a_number_of_images()
    {
        using TemporaryFolder target = new();
        Outcome endless = SubbandProcess.Run("data", "pack", "synthetic:leaves", "--out", target["leaves.safetensors"]);
        Assert.Equal(2, endless.ExitCode);
        Assert.Contains("take=0..10000", endless.Messages, StringComparison.Ordinal);
        Outcome some = SubbandProcess.Run("data", "pack", "synthetic:leaves#take=0..4", "--out", target["leaves.safetensors"]);
        Assert.Equal(0, some.ExitCode);
        Assert.True(File.Exists(target["leaves.safetensors"]));
    }

    [Fact]
    public void Data_alone_lists_its_commands()
    {
        Outcome outcome = SubbandProcess.Run("data");
        Assert.Equal(2, outcome.ExitCode);
        Assert.Equal("subband: subband data takes a command: info, pack.", outcome.MessageLines[0]);
    }

    // train and test with two classes of two and one images, a broken image and a text file.
    private static TemporaryFolder Photos()
    {
        TemporaryFolder folder = new();
        foreach (string name in Classes)
        {
            Directory.CreateDirectory(folder[$"train/{name}"]);
            Directory.CreateDirectory(folder[$"test/{name}"]);
            folder.Write($"train/{name}/0.png", Png(1));
            folder.Write($"train/{name}/1.png", Png(2));
            folder.Write($"test/{name}/0.png", Png(3));
        }

        folder.Write("train/cat/broken.png", Png(4).AsSpan(0, 60));
        folder.Write("train/notes.txt", "not an image"u8);
        return folder;
    }

    private static byte[] Png(byte grey)
    {
        if (!ImageFile.IsAvailable(out string reason))
        {
            Assert.Skip(reason);
        }

        return ImageFile.EncodePng(new Rgb8Image(8, 6, [.. Enumerable.Repeat(grey, 8 * 6 * 3)]));
    }
}
