using System.Formats.Tar;
using Subband.Data;
using Subband.Imaging;
using Subband.Torch;

namespace Subband.Tests.Data;

public sealed class OfficialBinaryTests
{
    [Fact]
    public void The_mini_cifar_binaries_are_the_decoded_jpegs()
    {
        using TemporaryFolder cache = new();
        using IImageSource binary = ImageSources.Open(
            TestData.Path("fixtures/cifar-10-binary-mini.tar.gz"), new ImageSourceOptions { CacheFolder = cache.Path });
        using IImageSource jpegs = ImageSources.Open(TestData.Path("cifar10/cifar10.tar"));
        Assert.Equal(600, binary.Count);
        Assert.Equal(jpegs.Classes, binary.Classes);
        Assert.Equal(jpegs.Splits, binary.Splits);

        double sum = 0;
        for (int i = 0; i < 600; i++)
        {
            // The fixture's rule: record r of batch b is image 10 (b - 1) + r / 10 of class r mod 10.
            (int batch, int record) = Math.DivRem(i, 100);
            bool isTest = batch == 5;
            int within = isTest ? record / 10 : (10 * batch) + (record / 10);
            int same = isTest ? 50_000 + (1000 * (record % 10)) + within : (5000 * (record % 10)) + within;
            Assert.Equal(jpegs.Label(same), binary.Label(i));
            Assert.Equal(jpegs.Split(same), binary.Split(i));
            byte[] a = binary.Read(i).Pixels;
            byte[] b = jpegs.Read(same).Pixels;
            int largest = a.Zip(b, (x, y) => Math.Abs(x - y)).Max();
            Assert.True(largest <= 4, $"{binary.ItemName(i)} differs by {largest} from {jpegs.ItemName(same)}.");
            sum += a.Zip(b, (x, y) => Math.Abs(x - y)).Average();
        }

        Assert.InRange(sum / 600, 0, 0.5);
    }

    [Fact]
    public void A_missing_cut_or_foreign_cifar_file_is_named()
    {
        using TemporaryFolder folder = new();
        WriteCifar(folder, "set");
        using (IImageSource whole = ImageSources.Open(folder["set"]))
        {
            Assert.Equal(12, whole.Count);
            Assert.Equal([0, 1], new[] { whole.Split(9), whole.Split(10) });
            Assert.Equal("test_batch.bin record 1", whole.ItemName(11));
        }

        string Message() => Assert.Throws<SubbandException>(() => ImageSources.Open(folder["set"])).Message;
        byte[] batch = File.ReadAllBytes(folder["set/data_batch_3.bin"]);
        _ = folder.Write("set/data_batch_3.bin", batch.AsSpan(0, batch.Length - 1));
        Assert.Contains("data_batch_3.bin has 6145 bytes, which is not a whole number of records of 3073", Message(), StringComparison.Ordinal);
        batch[3073] = 10;
        _ = folder.Write("set/data_batch_3.bin", batch);
        Assert.Contains("its record 1 has the label 10", Message(), StringComparison.Ordinal);
        File.Delete(folder["set/data_batch_3.bin"]);
        Assert.Contains("data_batch_3.bin is missing", Message(), StringComparison.Ordinal);
    }

    [Fact]
    public void Files_beside_official_ones_are_refused_by_name_and_those_of_the_set_are_not()
    {
        using TemporaryFolder folder = new();
        WriteCifar(folder, "cifar");
        _ = folder.Write("cifar/readme.html", "<html>"u8);
        _ = folder.Write("cifar/batches.meta.txt", "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n"u8);
        _ = folder.Write("cifar/mine.png", TestImages.Png(1, 1, 0, 0, 0));
        _ = File.CreateSymbolicLink(folder["cifar/dead"], folder["nothing"]);
        List<RefusedItem> reported = [];
        using (IImageSource source = ImageSources.Open(folder["cifar"], new ImageSourceOptions { OnRefused = reported.Add }))
        {
            Assert.Equal(
                [
                    new RefusedItem("dead", "is a link to nothing."),
                    new RefusedItem("mine.png", "lies beside the CIFAR-10 files and is not read."),
                ],
                source.Refused);
            Assert.Equal(source.Refused, reported);
        }

        _ = Directory.CreateDirectory(folder["stl"]);
        _ = folder.Write("stl/test_X.bin", new byte[3 * 96 * 96]);
        _ = folder.Write("stl/test_y.bin", [1]);
        _ = folder.Write("stl/fold_indices.txt", "1 2 3"u8);
        _ = folder.Write("stl/mine.txt", "1 2 3"u8);
        using (IImageSource source = ImageSources.Open(folder["stl"]))
        {
            Assert.Equal([new RefusedItem("mine.txt", "lies beside the STL-10 files and is not read.")], source.Refused);
        }
    }

    [Fact]
    public void Stl_images_are_turned_from_column_major_and_labels_begin_at_one()
    {
        using TemporaryFolder folder = new();
        Rgb8Image image = TestImages.Noise(96, 96, 0);
        byte[] record = new byte[3 * 96 * 96];
        for (int c = 0; c < 3; c++)
        {
            for (int x = 0; x < 96; x++)
            {
                for (int y = 0; y < 96; y++)
                {
                    record[(c * 9216) + (x * 96) + y] = image.Pixels[(3 * ((y * 96) + x)) + c];
                }
            }
        }

        _ = Directory.CreateDirectory(folder["stl10_binary"]);
        _ = folder.Write("stl10_binary/train_X.bin", [.. record, .. new byte[record.Length]]);
        _ = folder.Write("stl10_binary/train_y.bin", [10, 1]);
        _ = folder.Write("stl10_binary/unlabeled_X.bin", record);
        using (IImageSource source = ImageSources.Open(folder.Path))
        {
            Assert.Equal(3, source.Count);
            Assert.Equal(["train", "unlabeled"], source.Splits);
            Assert.Equal([9, 0, -1], Enumerable.Range(0, 3).Select(i => source.Label(i)));
            Assert.Equal("truck", source.Classes[9]);
            Assert.Equal(image.Pixels, source.Read(0).Pixels);
            Assert.Equal(image.Pixels, source.Read(2).Pixels);
        }

        // The same in a .tar.gz.
        FileStoreTests.WriteTar(folder["stl.tar"], TarEntryFormat.Ustar,
            ("stl10_binary/train_X.bin", record), ("stl10_binary/train_y.bin", [3]));
        FileStoreTests.Compress(folder["stl.tar"], folder["stl.tar.gz"]);
        using (IImageSource source = ImageSources.Open(folder["stl.tar.gz"], new ImageSourceOptions { CacheFolder = folder["cache"] }))
        {
            Assert.Equal(image.Pixels, source.Read(0).Pixels);
        }

        string Message() => Assert.Throws<SubbandException>(() => ImageSources.Open(folder["stl10_binary"])).Message;
        _ = folder.Write("stl10_binary/train_y.bin", [1]);
        Assert.Contains("has 1 labels, but", Message(), StringComparison.Ordinal);
        _ = folder.Write("stl10_binary/train_y.bin", [1, 0]);
        Assert.Contains("its label 1 is 0, and labels are 1 to 10", Message(), StringComparison.Ordinal);
        File.Delete(folder["stl10_binary/train_y.bin"]);
        Assert.Contains("train_y.bin is missing", Message(), StringComparison.Ordinal);
    }

    /// <summary>Official files with two records each, all of label 1.</summary>
    internal static void WriteCifar(TemporaryFolder folder, string name)
    {
        _ = Directory.CreateDirectory(folder[name]);
        foreach (string file in new[] { "data_batch_1", "data_batch_2", "data_batch_3", "data_batch_4", "data_batch_5", "test_batch" })
        {
            byte[] records = new byte[2 * 3073];
            (records[0], records[3073]) = (1, 1);
            _ = folder.Write($"{name}/{file}.bin", records);
        }
    }
}
