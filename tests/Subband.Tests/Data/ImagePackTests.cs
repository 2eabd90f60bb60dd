using Subband.Data;
using Subband.Imaging;
using Subband.Torch;
using Subband.Torch.Serialization;

namespace Subband.Tests.Data;

public sealed class ImagePackTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_pack_holds_the_same_images_as_its_source(bool isRagged)
    {
        using TemporaryFolder folder = new();
        MemorySource source = Source(600, i => TestImages.Noise(isRagged ? 3 + (int)(i % 4) : 5, 4, i));
        DataReport report = ImagePack.Write(source, folder["x.safetensors"], 2, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(600, report.Count);

        using IImageSource pack = ImageSources.Open(folder["x.safetensors"]);
        Assert.Equal(source.Count, pack.Count);
        Assert.Equal(source.Classes, pack.Classes);
        Assert.Equal(source.Splits, pack.Splits);
        for (int i = 0; i < 600; i++)
        {
            Rgb8Image expected = source.Read(i);
            Rgb8Image found = pack.Read(i);
            Assert.Equal((expected.Width, expected.Height), (found.Width, found.Height));
            Assert.Equal(expected.Pixels, found.Pixels);
            Assert.Equal(source.Label(i), pack.Label(i));
            Assert.Equal(source.Split(i), pack.Split(i));
        }

        using IImageSource some = ImageSources.Open(folder["x.safetensors"] + "#split=b,class=cat");
        Assert.Equal(100, some.Count);
    }

    [Fact]
    public void Packing_is_deterministic_and_the_fingerprint_tells_packs_apart()
    {
        using TemporaryFolder folder = new();
        string Pack(string name, long offset)
        {
            _ = ImagePack.Write(Source(50, i => TestImages.Noise(4, 4, i + offset)), folder[name], 3, cancellationToken: TestContext.Current.CancellationToken);
            using IImageSource pack = ImageSources.Open(folder[name]);
            return pack.Fingerprint;
        }

        Assert.Equal(Pack("a.safetensors", 0), Pack("b.safetensors", 0));
        Assert.Equal(File.ReadAllBytes(folder["a.safetensors"]), File.ReadAllBytes(folder["b.safetensors"]));
        Assert.NotEqual(Pack("a.safetensors", 0), Pack("c.safetensors", 1));
    }

    [Fact]
    public void Undecodable_images_are_left_out()
    {
        using TemporaryFolder folder = new();
        MemorySource source = Source(10, i => i is 0 or 4 ? throw new ImageFileException($"item {i}", "is broken.") : TestImages.Noise(4, 4, i));
        DataReport report = ImagePack.Write(source, folder["x.safetensors"], 2, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(8, report.Count);
        using IImageSource pack = ImageSources.Open(folder["x.safetensors"]);
        Assert.Equal(8, pack.Count);
        Assert.Equal(TestImages.Noise(4, 4, 5).Pixels, pack.Read(3).Pixels);
        Assert.Equal(source.Label(5), pack.Label(3));
        using SafetensorsFile file = SafetensorsFile.Open(folder["x.safetensors"]);
        Assert.Equal("2", file.Metadata["leftOut"]);
    }

    [Fact]
    public void A_stop_while_a_pack_is_written_leaves_the_former_one()
    {
        using TemporaryFolder folder = new();
        string former = folder.Write("x.safetensors", "the former"u8);
        using CancellationTokenSource stop = new();
        bool wasWriting = false;
        _ = Assert.ThrowsAny<OperationCanceledException>(() => ImagePack.Write(
            Source(2000, i => TestImages.Noise(4, 4, i)), former, 2, progress =>
            {
                if (progress.Activity == "Packing")
                {
                    wasWriting = true;
                    stop.Cancel();
                }
            }, stop.Token));
        Assert.True(wasWriting);
        Assert.Equal("the former", File.ReadAllText(former));
        Assert.Equal([former], Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public void What_a_killed_pack_left_goes_with_a_later_one()
    {
        using TemporaryFolder folder = new();
        string left = folder.Write(".tmp-0123456789abcdef0123456789abcdef", "half a pack"u8);
        File.SetLastWriteTimeUtc(left, DateTime.UtcNow.AddHours(-2));
        _ = ImagePack.Write(
            Source(3, i => TestImages.Noise(4, 4, i)), folder["x.safetensors"], 1, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal([folder["x.safetensors"]], Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public void What_cannot_be_packed_is_said_and_nothing_written()
    {
        using TemporaryFolder folder = new();
        string Message(IImageSource source, string name) =>
            Assert.ThrowsAny<SubbandException>(() => ImagePack.Write(source, folder[name], 1)).Message;
        Assert.Contains("has no end", Message(new MemorySource(null, _ => null!), "x.safetensors"), StringComparison.Ordinal);
        Assert.Contains("ends in .safetensors", Message(Source(1, i => TestImages.Noise(1, 1, i)), "x.bin"), StringComparison.Ordinal);
        Assert.Contains("nothing to pack", Message(
            Source(2, i => throw new ImageFileException($"item {i}", "is broken.")), "x.safetensors"), StringComparison.Ordinal);
        int reads = 0;
        Assert.Contains("changed while it was packed", Message(
            Source(1, i => TestImages.Noise(1 + reads++, 1, i)), "x.safetensors"), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public void Another_safetensors_file_and_a_damaged_pack_are_refused_by_name()
    {
        using TemporaryFolder folder = new();
        string Message(Dictionary<string, string> metadata, params (string Name, DType Type, long[] Shape)[] tensors)
        {
            SafetensorsWriter writer = new(metadata);
            foreach ((string name, DType type, long[] shape) in tensors)
            {
                writer.Add(name, type, shape, new byte[shape.Aggregate(1L, (a, b) => a * b) * type.SizeInBytes()]);
            }

            writer.Save(folder["x.safetensors"]);
            return Assert.ThrowsAny<SubbandException>(() => ImageSources.Open(folder["x.safetensors"])).Message;
        }

        Dictionary<string, string> good = new()
        {
            ["format"] = "subband-image-pack",
            ["version"] = "1",
            ["classes"] = "[]",
            ["splits"] = "[]",
        };
        (string, DType, long[]) pixels = ("pixels", DType.UInt8, [2, 3, 1, 1]);
        Assert.Contains("is not a pack of images", Message([], ("w", DType.Float32, [2])), StringComparison.Ordinal);
        Assert.Contains("of version 9", Message(new(good) { ["version"] = "9" }, pixels), StringComparison.Ordinal);
        Assert.Contains("list of classes cannot be read", Message(new(good) { ["classes"] = "cat" }, pixels), StringComparison.Ordinal);
        Assert.Contains("no tensor labels", Message(good, pixels), StringComparison.Ordinal);
        Assert.Contains("labels are not 2 numbers from -1 to -1", Message(
            good, pixels, ("labels", DType.Int64, [2]), ("splits", DType.Int64, [2])), StringComparison.Ordinal);
        Assert.Contains("claims an image of 0x0", Message(
            good, ("pixels", DType.UInt8, [7]), ("sizes", DType.Int64, [1, 2])), StringComparison.Ordinal);
        Assert.Contains("no tensor sizes", Message(good, ("pixels", DType.UInt8, [7])), StringComparison.Ordinal);
    }

    [Fact]
    public void Reading_outside_a_pack_is_a_programming_error_and_not_a_crash()
    {
        using TemporaryFolder folder = new();
        _ = ImagePack.Write(Source(2, i => TestImages.Noise(2, 2, i)), folder["x.safetensors"], 1, cancellationToken: TestContext.Current.CancellationToken);
        using IImageSource pack = ImageSources.Open(folder["x.safetensors"]);
        _ = Assert.Throws<ArgumentOutOfRangeException>(() => pack.Read(2));
        _ = Assert.Throws<ArgumentOutOfRangeException>(() => pack.Read(-1));
    }

    [Fact]
    public void A_pack_cut_short_while_it_is_in_use_is_an_error_that_names_it()
    {
        using TemporaryFolder folder = new();
        _ = ImagePack.Write(Source(200, i => TestImages.Noise(16, 16, i)), folder["x.safetensors"], 1, cancellationToken: TestContext.Current.CancellationToken);
        using IImageSource pack = ImageSources.Open(folder["x.safetensors"]);
        using (FileStream file = new(folder["x.safetensors"], FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            file.SetLength(8192);
        }

        foreach (string message in new[]
        {
            Assert.Throws<SubbandException>(() => pack.Read(199)).Message,
            Assert.Throws<SubbandException>(() => pack.Fingerprint).Message,
        })
        {
            Assert.StartsWith($"{folder["x.safetensors"]} ended ", message, StringComparison.Ordinal);
            Assert.Contains("it has become shorter since it was opened", message, StringComparison.Ordinal);
        }

        Assert.Equal(TestImages.Noise(16, 16, 2).Pixels, pack.Read(2).Pixels);
    }

    private static MemorySource Source(long count, Func<long, Rgb8Image> read) => new(count, read)
    {
        Classes = ["cat", "dog", "a \"quoted\" näme"],
        Splits = ["a", "b"],
        LabelOf = i => (int)(i % 3),
        SplitOf = i => (int)(i / 3 % 2),
    };
}
