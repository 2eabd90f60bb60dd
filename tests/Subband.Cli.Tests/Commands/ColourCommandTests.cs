using Subband.Imaging;
using Subband.Torch.Native;

namespace Subband.Cli.Tests.Commands;

/// <summary>Folders of images as people have them, and what a SWAGAN of any colour is trained of and makes.</summary>
public sealed class ColourCommandTests : IDisposable
{
    private const int ColourTypeOffset = 25; // of a PNG: behind signature, length and name of IHDR, width, height and depth

    private readonly TemporaryFolder _folder = new(inMemory: true);

    public ColourCommandTests()
    {
        Assert.SkipUnless(ImageFile.IsAvailable(out string reason), reason);
        Assert.SkipUnless(TorchLibrary.TryLoad().Loaded, "The native library is not built; ./test.sh builds it.");
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("grey", 0)]
    [InlineData("rgba", 6)]
    public void Images_of_mixed_sizes_and_colours_train_a_model_whose_samples_are_files_of_its_own(string colour, int colourType)
    {
        MixedPhotos();
        Outcome trained = SubbandProcess.Run(Training("--kimg=0.004", "--set", $"network.colour={colour}"));
        Assert.True(trained.ExitCode == 0, trained.Messages);
        Assert.DoesNotContain("refused", trained.Messages, StringComparison.OrdinalIgnoreCase);
        Outcome sampled = SubbandProcess.Run("sample", Run, "--folder", _folder["samples"], "--out", _folder["sheet.png"], "--count", "2");
        Assert.True(sampled.ExitCode == 0, sampled.Messages);
        Assert.Equal(colourType, File.ReadAllBytes(_folder["samples/000.png"])[ColourTypeOffset]);
        Assert.Equal(2, File.ReadAllBytes(_folder["sheet.png"])[ColourTypeOffset]);
        foreach (string[] call in (string[][])
            [
                ["sample", Run, "--out", _folder["bands.png"], "--bands", "--count", "2"],
                ["sample", Run, "--out", _folder["mix.png"], "--mix", "1-2", "--count", "1"],
                ["sample", Run, "--out", _folder["near.png"], "--neighbours", _folder["photos"], "--count", "1"],
                ["sample", Run, "--out", _folder["walk.webp"], "--interpolate", "2", "--count", "1", "--folder", _folder["frames"]],
                ["edit", "find", Run, "--out", _folder["found.safetensors"]],
                ["edit", "show", Run, _folder["found.safetensors"], "--out", _folder["shown.png"], "--count", "1"],
                ["spectrum", _folder["photos"], Run, "--count", "6", "--out", _folder["plot.png"]],
                ["evaluate", Run, "--data", _folder["photos"] + "#take=0..12", "--metrics", "parzen", "--count", "8"],
            ])
        {
            Outcome outcome = SubbandProcess.Run(call);
            Assert.True(outcome.ExitCode == 0, $"{string.Join(' ', call)}: {outcome.Messages}");
        }

        Assert.Equal(colourType, File.ReadAllBytes(_folder["frames/000.png"])[ColourTypeOffset]);
    }

    [Fact]
    public void One_grey_image_among_coloured_ones_is_nothing_special_and_a_run_keeps_its_colour()
    {
        MixedPhotos();
        Outcome begun = SubbandProcess.Run(Training("--kimg=0.004"));
        Assert.True(begun.ExitCode == 0, begun.Messages);
        Assert.DoesNotContain("grey", begun.Messages, StringComparison.OrdinalIgnoreCase);
        Outcome changed = SubbandProcess.Run("train", "--resume", "--out", Run, "--kimg", "1", "--set", "network.colour=grey");
        Assert.Equal(2, changed.ExitCode);
        Assert.Contains("is rgb and cannot become grey, because its saved state depends on it.", changed.Messages, StringComparison.Ordinal);
        Outcome more = SubbandProcess.Run("train", "--resume", "--out", Run, "--kimg", "0.008");
        Assert.True(more.ExitCode == 0, more.Messages);
    }

    [Fact]
    public void A_zip_without_images_leaves_nothing_behind()
    {
        using (System.IO.Compression.ZipArchive zip = System.IO.Compression.ZipFile.Open(_folder["x.zip"], System.IO.Compression.ZipArchiveMode.Create))
        {
            using StreamWriter letter = new(zip.CreateEntry("letter.txt").Open());
            letter.Write("Dear friend");
        }

        Outcome outcome = SubbandProcess.Run("train", "swagan-32-small", "--data", _folder["x.zip"], "--out", Run);
        Assert.Equal(1, outcome.ExitCode);
        Assert.Equal(
            [$"subband: There are no images in {_folder["x.zip"]}: its only file, letter.txt, is a text file, not an image."], outcome.MessageLines);
        Assert.Equal([_folder["x.zip"]], Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void Labels_of_StyleGAN_make_a_model_of_classes()
    {
        MixedPhotos();
        string names = string.Join(", ", Directory.GetFiles(_folder["photos"]).Order().Select((file, i) => $"[\"{Path.GetFileName(file)}\", {i % 2 * 2}]"));
        File.WriteAllText(_folder["photos/dataset.json"], $$"""{"labels": [{{names}}]}""");
        Outcome trained = SubbandProcess.Run(Training("--kimg=0.004", "--set", "conditional=true"));
        Assert.True(trained.ExitCode == 0, trained.Messages);
        Outcome sampled = SubbandProcess.Run("sample", Run, "--folder", _folder["samples"], "--count", "1", "--class", "2");
        Assert.True(sampled.ExitCode == 0, sampled.Messages);
        Assert.True(File.Exists(_folder["samples/000-2.png"]));

        File.WriteAllText(_folder["photos/dataset.json"], """{"labels": null}""");
        Outcome without = SubbandProcess.Run("train", "swagan-32-small", "--data", _folder["photos"], "--out", _folder["other"], "--set", "conditional=true");
        Assert.Equal(2, without.ExitCode);
        Assert.False(Path.Exists(_folder["other"]));
    }

    private string Run => _folder["run"];

    private string[] Training(params string[] more) =>
    [
        "train", "swagan-32-small", "--data", _folder["photos"], "--out", Run, "--threads", "1", "--set", "training.batchSize=4",
        "--set", "network.doublings=2", "--set", "network.styleWidth=8", "--set", "network.mostChannels=8", .. more,
    ];

    // Of sizes from 8x20 to 30x31, the first grey among coloured ones, the last half transparent.
    private void MixedPhotos()
    {
        Directory.CreateDirectory(_folder["photos"]);
        for (int i = 0; i < 12; i++)
        {
            (int width, int height) = (8 + (2 * i), 20 + i);
            PixelColour colour = i == 0 ? PixelColour.Grey : i == 11 ? PixelColour.Rgba : PixelColour.Rgb;
            byte[] pixels = [.. Enumerable.Range(0, colour.Channels() * width * height).Select(p => (byte)(p * (i + 3)))];
            ImageFile.WritePng(_folder[$"photos/{i:00}.png"], Image8.Of(width, height, colour, pixels));
        }
    }
}
