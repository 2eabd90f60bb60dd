using System.Formats.Tar;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Subband.Data;
using Subband.Torch;

namespace Subband.Tests.Data;

public sealed class HttpDownloadTests
{
    private static readonly byte[] Content = TestImages.Noise(300, 300, 0).Pixels;

    private static readonly FileChecksum Checksum = FileChecksum.Sha256(Convert.ToHexStringLower(SHA256.HashData(Content)));

    [Fact]
    public void A_file_arrives_with_progress()
    {
        using TemporaryFolder folder = new();
        using TestServer server = new(Content, new TestServer.Reply());
        List<DataProgress> progress = [];
        Fetch(server, folder["x"], progress.Add);
        Assert.Equal(Content, File.ReadAllBytes(folder["x"]));
        Assert.Equal([folder["x"]], Directory.GetFileSystemEntries(folder.Path));
        Assert.Contains(new DataProgress("Downloading data.bin", Content.Length, Content.Length, true), progress);
    }

    [Fact]
    public void A_broken_connection_is_continued_where_it_broke()
    {
        using TemporaryFolder folder = new();
        using TestServer server = new(Content, new TestServer.Reply(CutAfter: 100_000), new TestServer.Reply(Status: 503),
            new TestServer.Reply(CutAfter: 50_000), new TestServer.Reply());
        Fetch(server, folder["x"]);
        Assert.Equal(Content, File.ReadAllBytes(folder["x"]));
        Assert.Equal(["all", "bytes=100000-", "bytes=100000-", "bytes=150000-"], server.Requests);
    }

    [Fact]
    public void A_connection_that_is_reset_is_tried_again()
    {
        using TemporaryFolder folder = new();
        using TestServer server = new(Content, new TestServer.Reply(CutAfter: 100_000, IsReset: true), new TestServer.Reply());
        Fetch(server, folder["x"]);
        Assert.Equal(Content, File.ReadAllBytes(folder["x"]));
        Assert.Equal(2, server.Requests.Count);

        using TestServer dead = new(Content, new TestServer.Reply(CutAfter: 0, IsReset: true));
        string message = Assert.Throws<DownloadException>(() => Fetch(dead, folder["y"])).Message;
        Assert.StartsWith($"{dead.Address} cannot be reached or breaks off (", message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_an_earlier_process_left_is_continued()
    {
        using TemporaryFolder folder = new();
        _ = folder.Write("x.part", Content.AsSpan(0, 1234));
        using TestServer server = new(Content, new TestServer.Reply());
        Fetch(server, folder["x"]);
        Assert.Equal(["bytes=1234-"], server.Requests);
        Assert.Equal(Content, File.ReadAllBytes(folder["x"]));

        // All of it was there but for the renaming.
        File.Move(folder["x"], folder["x.part"]);
        Fetch(server, folder["x"]);
        Assert.Equal(Content, File.ReadAllBytes(folder["x"]));
    }

    [Fact]
    public void A_server_that_knows_no_ranges_sends_all_again()
    {
        using TemporaryFolder folder = new();
        _ = folder.Write("x.part", Content.AsSpan(0, 1234));
        using TestServer server = new(Content, new TestServer.Reply(IgnoresRange: true));
        Fetch(server, folder["x"]);
        Assert.Equal(Content, File.ReadAllBytes(folder["x"]));
    }

    [Fact]
    public void Nothing_that_is_sent_instead_of_the_rest_costs_what_is_there()
    {
        using TemporaryFolder folder = new();
        string part = folder.Write("x.part", Content.AsSpan(0, 100_000));
        string Message(byte[] content, TestServer.Reply reply)
        {
            using TestServer server = new(content, reply);
            string message = Assert.Throws<DownloadException>(() => Fetch(server, folder["x"])).Message;
            Assert.StartsWith($"{server.Address} ", message, StringComparison.Ordinal);
            Assert.Equal(Content[..100_000], File.ReadAllBytes(part));
            return message;
        }

        Assert.Contains("answers with a web page instead of the file", Message(
            Content, new TestServer.Reply(Page: "<html>Please log in</html>")), StringComparison.Ordinal);
        Assert.Contains($"sent only 5000 bytes, but {part} holds 100000 already; delete that file", Message(
            new byte[5000], new TestServer.Reply(IgnoresRange: true)), StringComparison.Ordinal);
        Assert.Contains("breaks off", Message(
            Content, new TestServer.Reply(IgnoresRange: true, CutAfter: 50_000)), StringComparison.Ordinal);

        using TestServer good = new(Content, new TestServer.Reply(IgnoresRange: true, CutAfter: 50_000), new TestServer.Reply());
        Fetch(good, folder["x"]);
        Assert.Equal(["bytes=100000-", "bytes=100000-"], good.Requests);
        Assert.Equal(Content, File.ReadAllBytes(folder["x"]));
    }

    [Fact]
    public void A_part_of_another_file_is_thrown_away_once()
    {
        using TemporaryFolder folder = new();
        _ = folder.Write("x.part", new byte[5000]);
        using TestServer server = new(Content, new TestServer.Reply());
        Fetch(server, folder["x"]);
        Assert.Equal(["bytes=5000-", "all"], server.Requests);
        _ = folder.Write("y.part", new byte[Content.Length + 1]);
        Fetch(server, folder["y"]);
        Assert.Equal(Content, File.ReadAllBytes(folder["y"]));
    }

    [Fact]
    public void A_wrong_checksum_is_an_error_and_leaves_nothing()
    {
        using TemporaryFolder folder = new();
        using TestServer server = new(Content[1..], new TestServer.Reply());
        string message = Assert.Throws<DownloadException>(() => Fetch(server, folder["x"])).Message;
        Assert.Contains($"not {Checksum.Hex}", message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public void A_missing_page_fails_at_once_and_a_dead_server_after_some_attempts()
    {
        using TemporaryFolder folder = new();
        using TestServer missing = new(Content, new TestServer.Reply(Status: 404));
        Assert.Contains("answers 404", Assert.Throws<DownloadException>(() => Fetch(missing, folder["x"])).Message, StringComparison.Ordinal);
        _ = Assert.Single(missing.Requests);

        using TestServer broken = new(Content, new TestServer.Reply(Status: 500));
        _ = Assert.Throws<DownloadException>(() => Fetch(broken, folder["x"]));
        Assert.Equal(5, broken.Requests.Count);
    }

    [Fact]
    public void A_known_data_set_is_downloaded_once_and_opened_from_the_cache_afterwards()
    {
        using TemporaryFolder folder = new();
        OfficialBinaryTests.WriteCifar(folder, "set");
        (KnownDataset dataset, byte[] archive) = Dataset(folder);
        ImageSourceOptions options = new() { CacheFolder = folder["cache"] };
        string unpacked;
        using (TestServer server = new(archive, new TestServer.Reply()))
        {
            unpacked = (dataset with { Address = server.Address }).Fetch(options);
        }

        // The server is gone.
        Assert.Equal(unpacked, dataset.Fetch(options));
        Assert.Equal(7, Directory.GetFiles(unpacked).Length);
        using IImageSource source = ImageSources.Open(unpacked);
        Assert.Equal(12, source.Count);
    }

    [Fact]
    public void Offline_the_error_says_what_to_put_where_and_then_it_works()
    {
        using TemporaryFolder folder = new();
        OfficialBinaryTests.WriteCifar(folder, "set");
        (KnownDataset dataset, byte[] archive) = Dataset(folder);
        ImageSourceOptions options = new() { CacheFolder = folder["cache"] };
        string place = folder["cache/data.bin"];
        string message = Assert.Throws<SubbandException>(() => dataset.Fetch(options)).Message;
        Assert.Contains($"get {dataset.Address} elsewhere and put it at {place}", message, StringComparison.Ordinal);

        _ = folder.Write("cache/data.bin", "not it"u8);
        Assert.Contains($"{place} is not the file that it should be", Assert.Throws<SubbandException>(() => dataset.Fetch(options)).Message, StringComparison.Ordinal);
        _ = folder.Write("cache/data.bin", archive);
        Assert.True(File.Exists(Path.Combine(dataset.Fetch(options), "test_batch.bin")));
    }

    [Fact]
    public void An_archive_without_a_member_leaves_no_half_folder()
    {
        using TemporaryFolder folder = new();
        OfficialBinaryTests.WriteCifar(folder, "set");
        (KnownDataset dataset, byte[] archive) = Dataset(folder);
        _ = Directory.CreateDirectory(folder["cache"]);
        _ = folder.Write("cache/data.bin", archive);
        dataset = dataset with { Members = ["nothing.bin", .. dataset.Members] };
        Assert.Contains("does not hold nothing.bin", Assert.Throws<SubbandException>(
            () => dataset.Fetch(new ImageSourceOptions { CacheFolder = folder["cache"] })).Message, StringComparison.Ordinal);
        Assert.Equal([folder["cache/.lock"], folder["cache/data.bin"]], Directory.GetFileSystemEntries(folder["cache"]).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void What_a_killed_process_left_half_unpacked_is_removed()
    {
        using TemporaryFolder folder = new();
        OfficialBinaryTests.WriteCifar(folder, "set");
        (KnownDataset dataset, byte[] archive) = Dataset(folder);
        string left = Directory.CreateDirectory(folder[$"cache/.tmp-{Guid.NewGuid():N}"]).FullName;
        File.WriteAllBytes(Path.Combine(left, "data_batch_1.bin"), new byte[1000]);
        _ = folder.Write("cache/data.bin", archive);
        _ = dataset.Fetch(new ImageSourceOptions { CacheFolder = folder["cache"] });
        Assert.False(Directory.Exists(left));
    }

    [Fact]
    public void A_second_process_is_told_of_the_first_and_disturbs_nothing()
    {
        using TemporaryFolder folder = new();
        OfficialBinaryTests.WriteCifar(folder, "set");
        (KnownDataset dataset, byte[] archive) = Dataset(folder);
        ImageSourceOptions options = new() { CacheFolder = folder["cache"] };
        string atWork = Directory.CreateDirectory(folder[$"cache/.tmp-{Guid.NewGuid():N}"]).FullName;
        _ = folder.Write("cache/data.bin", archive);
        using (FileLock.TryTake(folder["cache/.lock"]))
        {
            string message = Assert.Throws<SubbandException>(() => dataset.Fetch(options)).Message;
            Assert.Contains($"Another process downloads or unpacks a data set in {folder["cache"]}", message, StringComparison.Ordinal);
            Assert.True(Directory.Exists(atWork));
        }

        Assert.True(Directory.Exists(dataset.Fetch(options)));
    }

    [Fact]
    public void The_known_names_are_those_of_the_manual() =>
        Assert.Equal(["cifar10", "stl10"], KnownDataset.All.Select(dataset => dataset.Name));

    private static void Fetch(TestServer server, string path, Action<DataProgress>? progress = null)
    {
        using HttpDownload download = new() { FirstPause = TimeSpan.FromMilliseconds(1) };
        download.Fetch(server.Address, path, Checksum, progress, TestContext.Current.CancellationToken);
    }

    /// <summary>A data set whose address answers nobody, and its archive.</summary>
    private static (KnownDataset Dataset, byte[] Archive) Dataset(TemporaryFolder folder)
    {
        (string Name, byte[] Content)[] files = [.. Directory.GetFiles(folder["set"])
            .Select(path => ("../batches/" + Path.GetFileName(path), File.ReadAllBytes(path)))];
        FileStoreTests.WriteTar(folder["set.tar"], TarEntryFormat.Ustar,
            [.. files, ("batches/batches.meta.txt", "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n"u8.ToArray()), ("batches/readme.html", [1])]);
        FileStoreTests.Compress(folder["set.tar"], folder["set.tar.gz"]);
        byte[] archive = File.ReadAllBytes(folder["set.tar.gz"]);

        using TcpListener closed = new(IPAddress.Loopback, 0);
        closed.Start();
        Uri nobody = new($"http://127.0.0.1:{((IPEndPoint)closed.LocalEndpoint).Port}/files/data.bin");
        closed.Stop();
        KnownDataset dataset = KnownDataset.All[0] with
        {
            Address = nobody,
            Checksum = FileChecksum.Sha256(Convert.ToHexStringLower(SHA256.HashData(archive))),
            RetryPause = TimeSpan.FromMilliseconds(1),
        };
        return (dataset, archive);
    }
}
