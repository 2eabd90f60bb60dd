using System.Diagnostics;
using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using Subband.Data;
using Subband.Imaging;
using Subband.Torch;

namespace Subband.Tests.Data;

public sealed class FileStoreTests
{
    [Fact]
    public void A_folder_lists_its_files_sorted_and_skips_hidden_ones()
    {
        using TemporaryFolder folder = new();
        foreach (string name in new[] { "b/2", "b/10", "a", "B", ".hidden", "b/.thumbs", ".git/x" })
        {
            _ = Directory.CreateDirectory(Path.GetDirectoryName(folder[name])!);
            _ = folder.Write(name, Encoding.ASCII.GetBytes(name));
        }

        using FolderStore store = new(folder.Path);
        Assert.Equal(["B", "a", "b/10", "b/2"], store.Files.Select(file => file.Name));
        Assert.Equal("b/10", Encoding.ASCII.GetString(store.Read(2)));
    }

    [Fact]
    public void Linked_folders_are_followed_and_circles_and_dead_links_refused()
    {
        using TemporaryFolder folder = new();
        using TemporaryFolder elsewhere = new();
        _ = elsewhere.Write("x", "abc"u8);
        _ = Directory.CreateSymbolicLink(folder["there"], elsewhere.Path);
        _ = Directory.CreateSymbolicLink(folder["self"], folder.Path);
        _ = File.CreateSymbolicLink(folder["dead"], folder["nothing"]);
        _ = File.CreateSymbolicLink(folder["live"], elsewhere["x"]);

        using FolderStore store = new(folder.Path);
        Assert.Equal([new StoredFile("live", 3), new StoredFile("there/x", 3)], store.Files);
        Assert.Equal(["dead", "self"], store.Refused.Select(item => item.Name).Order());
    }

    [Fact]
    public void A_circle_inside_a_linked_folder_is_walked_once()
    {
        using TemporaryFolder folder = new();
        _ = Directory.CreateDirectory(folder["phys/child"]);
        _ = Directory.CreateDirectory(folder["root"]);
        _ = folder.Write("phys/x", "abc"u8);
        _ = Directory.CreateSymbolicLink(folder["root/link"], "../phys");
        _ = Directory.CreateSymbolicLink(folder["phys/child/up"], "..");
        _ = Directory.CreateSymbolicLink(folder["phys/child/round"], folder["root/link/child/../child"]);

        using FolderStore store = new(folder["root"]);
        Assert.Equal([new StoredFile("link/x", 3)], store.Files);
        Assert.Equal(
            ["link/child/round is a link to a folder that it lies in.", "link/child/up is a link to a folder that it lies in."],
            store.Refused.Select(item => $"{item.Name} {item.Reason}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Links_to_each_other_and_names_that_are_not_UTF_8_are_refused_and_the_rest_serves()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Needs names that are any bytes.");
        using TemporaryFolder folder = new();
        _ = folder.Write("x", "abc"u8);
        _ = folder.Write("\uFFFD", "abc"u8);
        _ = File.CreateSymbolicLink(folder["a"], "b");
        _ = File.CreateSymbolicLink(folder["b"], "a");
        // .NET can neither make such names nor remove them.
        void Shell(string script)
        {
            using Process shell = Process.Start("sh", ["-c", $"cd \"$1\" && {script}", "sh", folder.Path]);
            shell.WaitForExit();
            Assert.Equal(0, shell.ExitCode);
        }

        Shell("""mkdir "$(printf 'd\377')" && echo 1 >"$(printf 'f\377')" """);
        using FolderStore store = new(folder.Path);
        Shell("rm -r d* f*");
        Assert.Equal(["x", "\uFFFD"], store.Files.Select(file => file.Name));
        RefusedItem[] refused = [.. store.Refused.OrderBy(item => item.Name, StringComparer.Ordinal)];
        Assert.Equal(["a", "b", "d\uFFFD", "f\uFFFD"], refused.Select(item => item.Name));
        Assert.All(refused[..2], item => Assert.StartsWith("is a link that cannot be followed: ", item.Reason, StringComparison.Ordinal));
        Assert.All(refused[2..], item => Assert.Equal("has a name that is not UTF-8; rename it.", item.Reason));
    }

    [Fact]
    public void A_file_that_changed_since_the_folder_was_listed_is_an_error()
    {
        using TemporaryFolder folder = new();
        _ = folder.Write("x", "abc"u8);
        using FolderStore store = new(folder.Path);
        _ = folder.Write("x", "abcd"u8);
        Assert.Contains("had 3 bytes", Assert.Throws<SubbandException>(() => store.Read(0)).Message, StringComparison.Ordinal);
        File.Delete(folder["x"]);
        Assert.Contains(folder["x"], Assert.Throws<SubbandException>(() => store.Read(0)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(TarEntryFormat.V7)]
    [InlineData(TarEntryFormat.Ustar)]
    [InlineData(TarEntryFormat.Pax)]
    [InlineData(TarEntryFormat.Gnu)]
    public void A_tar_is_read_in_place_in_every_dialect(TarEntryFormat format)
    {
        using TemporaryFolder folder = new();
        string deep = format is TarEntryFormat.Pax or TarEntryFormat.Gnu ? new string('d', 150) + "/" : "d/";
        WriteTar(folder["x.tar"], format, (deep + "2", new byte[1000]), ("./a", [1, 2, 3]), ("empty", []));
        using TarStore store = TarStore.Open(folder["x.tar"]);
        Assert.Equal(["a", deep + "2", "empty"], store.Files.Select(file => file.Name));
        Assert.Equal([1, 2, 3], store.Read(0));
        Assert.Equal(new byte[1000], store.Read(1));
        Assert.Empty(store.Read(2));
        byte[] part = new byte[2];
        store.OpenExtent(0).Read(1, part);
        Assert.Equal([2, 3], part);
    }

    [Fact]
    public void A_compressed_tar_reads_as_the_plain_one_and_leaves_nothing_behind()
    {
        using TemporaryFolder folder = new();
        WriteTar(folder["x.tar"], TarEntryFormat.Ustar, ("a", [1, 2, 3]), ("b", new byte[100_000]));
        Compress(folder["x.tar"], folder["x.tar.gz"]);
        ImageSourceOptions options = new() { CacheFolder = folder["cache"] };
        using (TarStore store = CompressedTar.Open(folder["x.tar.gz"], options))
        {
            Assert.Equal(["a", "b"], store.Files.Select(file => file.Name));
            Assert.Equal(new byte[100_000], store.Read(1));
            Assert.Empty(Directory.GetFileSystemEntries(folder["cache"]));
        }

        byte[] bytes = File.ReadAllBytes(folder["x.tar.gz"]);
        _ = folder.Write("cut.tar.gz", bytes.AsSpan(0, bytes.Length / 2));
        Assert.Contains("cut.tar.gz", Assert.Throws<SubbandException>(
            () => CompressedTar.Open(folder["cut.tar.gz"], options)).Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(folder["cache"]));
    }

    [Fact]
    public void Names_that_lead_out_of_a_tar_and_links_are_refused()
    {
        using TemporaryFolder folder = new();
        using (FileStream file = File.Create(folder["x.tar"]))
        using (TarWriter writer = new(file, TarEntryFormat.Pax))
        {
            foreach (string name in new[] { "../up.png", "/etc/root.png", "a/../../b.png", "good.png", "C:/x.png" })
            {
                writer.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream([1]) });
            }

            writer.WriteEntry(new PaxTarEntry(TarEntryType.SymbolicLink, "link.png") { LinkName = "/etc/passwd" });
            writer.WriteEntry(new PaxTarEntry(TarEntryType.HardLink, "hard.png") { LinkName = "good.png" });
        }

        using TarStore store = TarStore.Open(folder["x.tar"]);
        Assert.Equal(["good.png"], store.Files.Select(file => file.Name));
        Assert.Equal(6, store.Refused.Count);
    }

    [Fact]
    public void A_later_entry_of_the_same_name_replaces_the_earlier_one()
    {
        using TemporaryFolder folder = new();
        WriteTar(folder["x.tar"], TarEntryFormat.Ustar, ("a", [1]), ("a", [2, 2]));
        using TarStore store = TarStore.Open(folder["x.tar"]);
        Assert.Equal([2, 2], store.Read(0));
        Assert.Equal("a", Assert.Single(store.Refused).Name);
    }

    [Fact]
    public void A_tar_cut_anywhere_is_refused_by_name()
    {
        using TemporaryFolder folder = new();
        WriteTar(folder["x.tar"], TarEntryFormat.Ustar, ("a", new byte[700]), ("b", new byte[700]));
        byte[] whole = File.ReadAllBytes(folder["x.tar"]);
        // Between entries, inside the first of the two zero blocks at the end, and in odd places.
        foreach (int length in Enumerable.Range(1, (2 * (512 + 1024)) + 511).Where(length => length % 512 is 0 or 511 || length % 61 == 0))
        {
            string path = folder.Write("cut.tar", whole.AsSpan(0, length));
            SubbandException error = Assert.ThrowsAny<SubbandException>(() => TarStore.Open(path));
            Assert.Contains("cut.tar", error.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(512, "")]
    [InlineData(1024, "")]
    [InlineData(10_240, "")]
    [InlineData(1 << 20, "")]
    [InlineData(0, "ends after c without the block of zeros")]
    [InlineData((1 << 20) + 512, "holds 1049088 zeros after c; it was probably never written to its end")]
    public void A_tar_ends_with_some_zeros_but_not_with_a_disk_full_of_them(int zeros, string problem)
    {
        using TemporaryFolder folder = new();
        // The last file's own zeros do not count.
        WriteTar(folder["x.tar"], TarEntryFormat.Ustar, ("a", [1]), ("c", new byte[512]));
        using (FileStream file = File.OpenWrite(folder["x.tar"]))
        {
            file.SetLength((2 * (512 + 512)) + zeros);
        }

        if (problem.Length == 0)
        {
            using TarStore store = TarStore.Open(folder["x.tar"]);
            Assert.Equal(["a", "c"], store.Files.Select(file => file.Name));
        }
        else
        {
            string message = Assert.Throws<SubbandException>(() => TarStore.Open(folder["x.tar"])).Message;
            Assert.StartsWith($"{folder["x.tar"]} {problem}", message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void What_follows_the_end_of_a_tar_or_hides_behind_a_blank_checksum_is_not_lost_in_silence()
    {
        using TemporaryFolder folder = new();
        WriteTar(folder["a.tar"], TarEntryFormat.Ustar, ("a", [1]));
        WriteTar(folder["b.tar"], TarEntryFormat.Ustar, ("b", [2]));
        byte[] a = File.ReadAllBytes(folder["a.tar"]);
        byte[] both = [.. a, .. File.ReadAllBytes(folder["b.tar"])];
        string Message(byte[] archive) =>
            Assert.Throws<SubbandException>(() => TarStore.Open(folder.Write("x.tar", archive))).Message;
        Assert.Contains($"x.tar goes on at byte {a.Length}, behind the zeros that end a tar archive", Message(both), StringComparison.Ordinal);

        both = [.. a.AsSpan(0, 1024), .. both.AsSpan(a.Length)];
        both.AsSpan(1024 + 148, 8).Clear();
        Assert.Contains("x.tar is not a sound tar archive; it could be read up to a.", Message(both), StringComparison.Ordinal);
    }

    [Fact]
    public void A_compressed_tar_cut_between_entries_is_refused_by_name()
    {
        using TemporaryFolder folder = new();
        WriteTar(folder["x.tar"], TarEntryFormat.Ustar, ("a", [1]), ("b", [2]));
        byte[] archive = File.ReadAllBytes(folder["x.tar"]);
        using MemoryStream compressed = new();
        using (GZipStream stream = new(compressed, CompressionLevel.Fastest, leaveOpen: true))
        {
            stream.Write(archive, 0, 1024);
            stream.Flush();
            _ = folder.Write("cut.tar.gz", compressed.ToArray());
            stream.Write(archive, 1024, archive.Length - 1024);
        }

        _ = folder.Write("whole.tar.gz", compressed.ToArray());
        ImageSourceOptions options = new() { CacheFolder = folder["cache"] };
        using TarStore store = CompressedTar.Open(folder["whole.tar.gz"], options);
        Assert.Equal(2, store.Files.Count);
        Assert.StartsWith($"{folder["cut.tar.gz"]} ends after a without", Assert.Throws<SubbandException>(
            () => CompressedTar.Open(folder["cut.tar.gz"], options)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Damaged_tars_never_give_more_than_a_plain_error()
    {
        using TemporaryFolder folder = new();
        WriteTar(folder["x.tar"], TarEntryFormat.Pax, (new string('n', 120), new byte[700]), ("b", new byte[70]));
        byte[] whole = File.ReadAllBytes(folder["x.tar"]);
        SeededRandom random = new(11);
        for (int i = 0; i < 600; i++)
        {
            byte[] damaged = [.. whole];
            for (int k = 0; k <= i % 3; k++)
            {
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            }

            string path = folder.Write("bad.tar", damaged);
            try
            {
                using TarStore store = TarStore.Open(path);
                for (int file = 0; file < store.Files.Count; file++)
                {
                    _ = store.Read(file);
                }
            }
            catch (SubbandException)
            {
                // Said in words.
            }
        }
    }

    [Fact]
    public void A_zip_is_read_by_many_threads_at_once()
    {
        using TemporaryFolder folder = new();
        WriteZip(folder["x.zip"], [.. Enumerable.Range(0, 50).Select(i => ($"d/{i:D2}", Enumerable.Repeat((byte)i, 5000).ToArray()))]);
        using ZipStore store = ZipStore.Open(folder["x.zip"]);
        Assert.Equal(50, store.Files.Count);
        _ = Parallel.For(0, 500, i => Assert.Equal(Enumerable.Repeat((byte)(i % 50), 5000), store.Read(i % 50)));
    }

    [Fact]
    public void A_zip_that_lies_about_a_length_loses_that_entry_only()
    {
        using TemporaryFolder folder = new();
        WriteZip(folder["x.zip"], ("a", new byte[100]), ("b", [1, 2, 3]), ("../c", [1]));
        byte[] bytes = File.ReadAllBytes(folder["x.zip"]);
        int entry = bytes.AsSpan().IndexOf("PK\u0001\u0002"u8);
        BitConverter.GetBytes(150).CopyTo(bytes, entry + 24);
        _ = folder.Write("lie.zip", bytes);
        using (ZipStore store = ZipStore.Open(folder["lie.zip"]))
        {
            Assert.Contains("150 bytes that the archive declares", Assert.Throws<ImageFileException>(() => store.Read(0)).Message, StringComparison.Ordinal);
            Assert.Equal([1, 2, 3], store.Read(1));
            Assert.Equal("../c", Assert.Single(store.Refused).Name);
        }

        BitConverter.GetBytes(900_000_000).CopyTo(bytes, entry + 24);
        _ = folder.Write("bomb.zip", bytes);
        using (ZipStore store = ZipStore.Open(folder["bomb.zip"]))
        {
            Assert.Equal(["b"], store.Files.Select(file => file.Name));
            Assert.Contains(store.Refused, item => item.Reason.Contains("declares 900000000 bytes", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Damaged_zips_never_give_more_than_a_plain_error()
    {
        using TemporaryFolder folder = new();
        WriteZip(folder["x.zip"], ("a", new byte[300]), ("b/c", [1, 2, 3]));
        byte[] whole = File.ReadAllBytes(folder["x.zip"]);
        SeededRandom random = new(5);
        for (int i = 0; i < 800; i++)
        {
            byte[] damaged = i % 4 == 0 ? whole[..random.Next(whole.Length)] : [.. whole];
            for (int k = 0; k <= i % 3 && damaged.Length > 0; k++)
            {
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            }

            string path = folder.Write("bad.zip", damaged);
            try
            {
                using ZipStore store = ZipStore.Open(path);
                for (int file = 0; file < store.Files.Count; file++)
                {
                    _ = store.Read(file);
                }
            }
            catch (SubbandException)
            {
                // Said in words.
            }
        }
    }

    internal static void WriteTar(string path, TarEntryFormat format, params (string Name, byte[] Content)[] files)
    {
        using FileStream file = File.Create(path);
        using TarWriter writer = new(file, format);
        foreach ((string name, byte[] content) in files)
        {
            MemoryStream data = new(content);
            writer.WriteEntry(format switch
            {
                TarEntryFormat.V7 => new V7TarEntry(TarEntryType.V7RegularFile, name) { DataStream = data },
                TarEntryFormat.Ustar => new UstarTarEntry(TarEntryType.RegularFile, name) { DataStream = data },
                TarEntryFormat.Gnu => new GnuTarEntry(TarEntryType.RegularFile, name) { DataStream = data },
                _ => new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = data },
            });
        }
    }

    internal static void WriteZip(string path, params (string Name, byte[] Content)[] files)
    {
        using ZipArchive archive = ZipFile.Open(path, ZipArchiveMode.Create);
        foreach ((string name, byte[] content) in files)
        {
            using Stream stream = archive.CreateEntry(name).Open();
            stream.Write(content);
        }
    }

    /// <summary>The files in a folder, a <c>zip</c>, a <c>tar</c> or a <c>tar.gz</c>; what to open is returned.</summary>
    internal static string Make(TemporaryFolder folder, string kind, params (string Name, byte[] Content)[] files)
    {
        if (kind == "folder")
        {
            foreach ((string name, byte[] content) in files)
            {
                _ = Directory.CreateDirectory(Path.GetDirectoryName(folder["data/" + name])!);
                _ = folder.Write("data/" + name, content);
            }

            return folder["data"];
        }

        if (kind == "zip")
        {
            WriteZip(folder["x.zip"], files);
            return folder["x.zip"];
        }

        WriteTar(folder["x.tar"], TarEntryFormat.Ustar, files);
        if (kind == "tar")
        {
            return folder["x.tar"];
        }

        Compress(folder["x.tar"], folder["x.tar.gz"]);
        return folder["x.tar.gz"];
    }

    internal static void Compress(string from, string to)
    {
        using FileStream source = File.OpenRead(from);
        using GZipStream target = new(File.Create(to), CompressionLevel.Fastest);
        source.CopyTo(target);
    }
}
