using Subband.Data;
using Subband.Imaging;
using Subband.Tests.Imaging;
using Subband.Torch;

namespace Subband.Tests.Data;

public sealed class ImageFileSourceTests
{
    private static readonly (string Name, byte[] Content)[] Files =
    [
        ("set/test/cat/1.png", TestImages.Png(3, 2, 1, 1, 1)),
        ("set/train/cat/1.png", TestImages.Png(3, 2, 2, 2, 2)),
        ("set/train/cat/2.png", TestImages.Png(3, 2, 3, 3, 3)),
        ("set/train/dog/1", TestImages.Png(4, 4, 4, 4, 4)),
        ("set/train/dog/broken.png", TestImages.Png(TestImages.Noise(40, 40, 0))[..2000]),
        ("set/train/dog/empty.png", []),
        ("set/train/dog/notes.txt", "some notes"u8.ToArray()),
        ("set/readme.html", "<!doctype html><p>hello"u8.ToArray()),
    ];

    [Theory]
    [InlineData("folder")]
    [InlineData("tar")]
    [InlineData("tar.gz")]
    [InlineData("zip")]
    public void The_same_files_are_the_same_source_in_a_folder_and_in_every_archive(string kind)
    {
        using TemporaryFolder folder = new();
        using IImageSource source = ImageSources.Open(Make(folder, kind), new ImageSourceOptions { CacheFolder = folder["cache"] });
        Assert.Equal(5, source.Count);
        Assert.Equal(["cat", "dog"], source.Classes);
        Assert.Equal(["train", "test"], source.Splits);
        Assert.Equal(
            ["set/train/cat/1.png", "set/train/cat/2.png", "set/train/dog/1", "set/train/dog/broken.png", "set/test/cat/1.png"],
            Enumerable.Range(0, 5).Select(i => source.ItemName(i)));
        Assert.Equal([0, 0, 1, 1, 0], Enumerable.Range(0, 5).Select(i => source.Label(i)));
        Assert.Equal([0, 0, 0, 0, 1], Enumerable.Range(0, 5).Select(i => source.Split(i)));
        Assert.Equal(TestImages.Flat(4, 4, 4, 4, 4).Pixels, source.Read(2).Pixels);
        Assert.Equal("PNG, 8 bit, RGB", source.Format(0));
        Assert.Equal(
            [
                new RefusedItem("set/readme.html", "is an HTML page, not an image; a download probably went wrong."),
                new RefusedItem("set/train/dog/empty.png", "is empty (0 bytes)."),
                new RefusedItem("set/train/dog/notes.txt", "is a text file, not an image."),
            ],
            source.Refused);

        using TemporaryFolder other = new();
        using IImageSource same = ImageSources.Open(Make(other, "zip"));
        Assert.Equal(same.Fingerprint, source.Fingerprint);
    }

    [Fact]
    public void An_undecodable_file_is_refused_once_and_by_name_when_it_is_read()
    {
        using TemporaryFolder folder = new();
        List<RefusedItem> reported = [];
        using IImageSource source = ImageSources.Open(Make(folder, "folder"), new ImageSourceOptions { OnRefused = reported.Add });
        Assert.Equal(3, reported.Count);
        _ = Assert.Throws<ImageFileException>(() => source.Read(3));
        _ = Assert.Throws<ImageFileException>(() => source.Read(3));
        Assert.Equal(4, reported.Count);
        Assert.Equal("set/train/dog/broken.png", reported[3].Name);
        Assert.Equal(reported, source.Refused);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_zip_entry_that_cannot_be_unpacked_is_refused_and_the_others_serve(bool isMethod)
    {
        using TemporaryFolder folder = new();
        FileStoreTests.WriteZip(folder["x.zip"],
            ("a.png", TestImages.Png(3, 2, 1, 1, 1)), ("bad", new byte[3000]), ("bad.png", new byte[3000]), ("c.png", TestImages.Png(3, 2, 2, 2, 2)));
        byte[] zip = File.ReadAllBytes(folder["x.zip"]);
        foreach (string name in new[] { "bad", "bad.png" })
        {
            // Local headers have 30 bytes before the name, those of the directory 46; after the local one come the data.
            byte[] bytes = System.Text.Encoding.ASCII.GetBytes(name);
            foreach (int header in Enumerable.Range(0, zip.Length - 46).Where(i => zip.AsSpan(i, 2).SequenceEqual("PK"u8)))
            {
                bool isLocal = zip[header + 2] == 3;
                int length = zip[header + (isLocal ? 26 : 28)];
                int place = header + (isLocal ? 30 : 46);
                if (!zip.AsSpan(place, length).SequenceEqual(bytes))
                {
                    continue;
                }

                if (isMethod)
                {
                    // bzip2
                    zip[header + (isLocal ? 8 : 10)] = 12;
                }
                else if (isLocal)
                {
                    // A kind of block that deflate does not have.
                    zip[place + length] = 7;
                }
            }
        }

        using IImageSource source = ImageSources.Open(folder.Write("bad.zip", zip));
        Assert.Equal(["a.png", "bad.png", "c.png"], Enumerable.Range(0, 3).Select(i => source.ItemName(i)));
        Assert.Equal(3, source.Count);
        RefusedItem refused = Assert.Single(source.Refused);
        Assert.Equal("bad", refused.Name);
        Assert.StartsWith("cannot be unpacked: ", refused.Reason, StringComparison.Ordinal);
        Assert.Equal(32, source.Fingerprint.Length);
        Assert.Equal(TestImages.Flat(3, 2, 2, 2, 2).Pixels, source.Read(2).Pixels);
        _ = Assert.Throws<ImageFileException>(() => source.Read(1));
        Assert.Equal(["bad", "bad.png"], source.Refused.Select(item => item.Name));
    }

    [Fact]
    public void The_fingerprint_tells_a_changed_name_size_or_content()
    {
        string Of(params (string Name, byte[] Content)[] files)
        {
            using TemporaryFolder folder = new();
            FileStoreTests.WriteZip(folder["x.zip"], files);
            using IImageSource source = ImageSources.Open(folder["x.zip"]);
            return source.Fingerprint;
        }

        byte[] red = TestImages.Png(2, 2, 255, 0, 0);
        byte[] blue = TestImages.Png(2, 2, 0, 0, 255);
        Assert.Equal(Of(("a.png", red)), Of(("a.png", red)));
        Assert.NotEqual(Of(("a.png", red)), Of(("b.png", red)));
        Assert.NotEqual(Of(("a.png", red)), Of(("a.png", blue)));
        Assert.NotEqual(Of(("a.png", red)), Of(("a.png", red), ("b.png", red)));
    }

    [Fact]
    public void A_place_without_images_is_one_plain_sentence()
    {
        using TemporaryFolder folder = new();
        string Message(string path) => Assert.Throws<SubbandException>(() => ImageSources.Open(path)).Message;
        string empty = Directory.CreateDirectory(folder["empty"]).FullName;
        Assert.Equal($"There are no images in {empty}: it is empty.", Message(empty));
        string texts = Directory.CreateDirectory(folder["texts"]).FullName;
        _ = folder.Write("texts/a.txt", "abc"u8);
        Assert.Equal($"There are no images in {texts}: its only file, a.txt, is a text file, not an image.", Message(texts));
        _ = folder.Write("texts/b.txt", "abc"u8);
        Assert.StartsWith($"There are no images in {texts}: none of its 2 files is one; the first, a.txt,", Message(texts), StringComparison.Ordinal);
        FileStoreTests.WriteZip(folder["texts/pictures.zip"], ("a.png", TestImages.Png(1, 1, 0, 0, 0)));
        Assert.EndsWith(" To read the images in pictures.zip, give that file itself.", Message(texts), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("missing", "There is no file or folder missing to read images from.")]
    [InlineData("cifar01", "Did you mean cifar10?")]
    [InlineData("syntetic:leaves", "Did you mean synthetic:leaves?")]
    public void A_wrong_place_is_one_plain_sentence(string spec, string message) =>
        Assert.Contains(message, Assert.Throws<SubbandException>(() => ImageSources.Open(spec)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_file_that_is_no_source_is_named_for_what_it_is()
    {
        using TemporaryFolder folder = new();
        string Message(string name, ReadOnlySpan<byte> bytes)
        {
            string path = folder.Write(name, bytes);
            return Assert.ThrowsAny<SubbandException>(() => ImageSources.Open(path)).Message;
        }

        Assert.Contains("is a single image; give the folder", Message("a.png", TestImages.Png(1, 1, 0, 0, 0)), StringComparison.Ordinal);
        Assert.Contains("is empty (0 bytes)", Message("a.zip", []), StringComparison.Ordinal);
        Assert.Contains("is empty (0 bytes)", Message("a.tar", []), StringComparison.Ordinal);
        Assert.Contains("is an HTML page", Message("b.zip", "<html>404"u8), StringComparison.Ordinal);
        Assert.Contains("is a Git LFS pointer", Message("c.zip", "version https://git-lfs.github.com/spec/v1"u8), StringComparison.Ordinal);
        Assert.Contains("is a text file", Message("d.tar", "this is no archive at all"u8), StringComparison.Ordinal);
        Assert.Contains("is an HTML page", Message("e.tar", "<!DOCTYPE html><title>404</title>"u8), StringComparison.Ordinal);
        Assert.Contains("is xz-compressed data, not an image; unpack it first.", Message("f.tar.xz", [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0, 0, 4]), StringComparison.Ordinal);
        Assert.Contains("is a single image; give the folder", Message("g.tar", TestImages.Png(1, 1, 0, 0, 0)), StringComparison.Ordinal);
        Assert.Contains("is not a sound tar archive", Message("h.tar", new byte[700].Select(_ => (byte)0xEE).ToArray()), StringComparison.Ordinal);
    }

    [Fact]
    public void A_cache_that_cannot_be_written_is_named_with_the_way_out()
    {
        using TemporaryFolder folder = new();
        string archive = Make(folder, "tar.gz");
        string blocked = folder.Write("blocked", "a file"u8);
        string message = Assert.Throws<SubbandException>(
            () => ImageSources.Open(archive, new ImageSourceOptions { CacheFolder = Path.Combine(blocked, "cache") })).Message;
        Assert.Contains(blocked, message, StringComparison.Ordinal);
        Assert.Contains("Set XDG_CACHE_HOME", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_kind_of_picture_in_a_mixed_folder_is_converted_or_refused()
    {
        using TemporaryFolder folder = new();
        Rgb8Image picture = Fixtures.Pattern(64, 48);
        foreach (string format in new[] { ".png", ".jpg", ".webp", ".tif", ".gif" })
        {
            _ = folder.Write("ok" + format, Fixtures.Encode(picture, format));
            byte[] bytes = Fixtures.Encode(picture, format);
            _ = folder.Write("cut" + format, bytes.AsSpan(0, bytes.Length / 2));
        }

        using IImageSource source = ImageSources.Open(folder.Path);
        DataReport report = DataSurvey.Run(source, 2, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(5, report.Count);
        Assert.Equal(["cut.gif", "cut.jpg", "cut.png", "cut.tif", "cut.webp"], report.Refused.Select(item => item.Name));
    }

    [Fact]
    public void The_cifar_tar_opens_with_its_splits_and_classes()
    {
        string path = TestData.Path("cifar10/cifar10.tar");
        using IImageSource source = ImageSources.Open(path);
        Assert.Equal(60_000, source.Count);
        Assert.Equal(["train", "test"], source.Splits);
        Assert.Equal(
            ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"], source.Classes);
        Assert.Equal("cifar10/train/cat/0007.jpg", source.ItemName(15_007));
        Assert.Equal(3, source.Label(15_007));
        Assert.Equal("JPEG, 8 bit, RGB", source.Format(15_007));
        Assert.Equal((32, 32), (source.Read(59_999).Width, source.Read(59_999).Height));

        using IImageSource training = ImageSources.Open(path + "#split=train,take=0..4500");
        Assert.Equal(45_000, training.Count);
        using IImageSource validation = ImageSources.Open(path + "#split=train,take=4500..");
        Assert.Equal(5_000, validation.Count);
        Assert.Equal("cifar10/train/airplane/4500.jpg", validation.ItemName(0));
    }

    private static string Make(TemporaryFolder folder, string kind) => FileStoreTests.Make(folder, kind, Files);
}
