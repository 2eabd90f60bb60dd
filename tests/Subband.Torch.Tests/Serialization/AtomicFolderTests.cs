using Subband.Torch.Serialization;

namespace Subband.Torch.Tests.Serialization;

public sealed class AtomicFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose()
    {
        FaultPoint.Hook = null;
        _folder.Dispose();
    }

    [Fact]
    public void A_folder_appears_whole_under_its_name()
    {
        string path = _folder["000050k"];
        AtomicFolder.Write(path + "/", folder =>
        {
            Assert.False(Directory.Exists(path));
            Fill(folder, "new");
        });
        AssertHolds(path, "new");
        Assert.Equal([path], Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void A_folder_that_exists_is_replaced_as_a_whole()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux exchanges two folders in one step.");
        string path = _folder["000050k"];
        AtomicFolder.Write(path, folder => File.WriteAllText(Path.Combine(folder, "former"), ""));
        AtomicFolder.Write(path, folder => Fill(folder, "new"));
        AssertHolds(path, "new");
        Assert.False(File.Exists(Path.Combine(path, "former")));
        Assert.Equal([path], Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void A_fault_at_each_step_leaves_the_old_folder_or_the_new_one()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux exchanges two folders in one step.");
        string path = _folder["000050k"];
        Fill(Directory.CreateDirectory(path).FullName, "old");
        List<string> faults = [];
        for (int countdown = 1; ; countdown++)
        {
            int left = countdown;
            string? at = null;
            FaultPoint.Hook = step =>
            {
                // The name holds one of the two at every step, as a kill would find it.
                AssertHolds(path, step == "folder.syncFolder" ? "new" : "old");
                if (--left == 0)
                {
                    at = step;
                    throw new IOException("injected");
                }
            };
            Exception? error = Record.Exception(() => AtomicFolder.Write(path, folder => Fill(folder, "new")));
            FaultPoint.Hook = null;
            if (at is null)
            {
                Assert.Null(error);
                break;
            }

            faults.Add(at);
            Assert.IsType<SubbandException>(error);
            AssertHolds(path, at == "folder.syncFolder" ? "new" : "old");
            _ = AtomicFile.CleanUp(_folder.Path);
            Fill(path, "old");
        }

        Assert.Equal("folder.create", faults[0]);
        Assert.Equal("folder.syncFolder", faults[^1]);
        Assert.Equal((2 * 5) + 6, faults.Count);
        AssertHolds(path, "new");
        Assert.Equal([path], Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void A_missing_parent_or_a_file_in_the_way_is_named()
    {
        SubbandException missing = Assert.Throws<SubbandException>(() => AtomicFolder.Write(_folder["a/b"], _ => { }));
        Assert.Contains("the folder does not exist", missing.Message);
        string file = _folder.Write("file", ""u8);
        SubbandException inTheWay = Assert.Throws<SubbandException>(() => AtomicFolder.Write(file, _ => { }));
        Assert.Contains("a file has that name", inTheWay.Message);
    }

    [Fact]
    public void A_file_that_cannot_be_written_is_named_by_its_final_path()
    {
        FaultPoint.Hook = step => _ = step == "file.write" ? throw new IOException("injected", 28) : step;
        SubbandException error = Assert.Throws<SubbandException>(
            () => AtomicFolder.Write(_folder["000050k"], folder => Fill(folder, "new")));
        Assert.StartsWith($"Cannot write {_folder["000050k/state.json"]}: failed to write its data", error.Message);
        Assert.EndsWith($"MB free at {_folder.Path}).", error.Message);
        Assert.DoesNotContain(".tmp-", error.Message);
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void What_the_callback_throws_passes_through_and_nothing_is_left()
    {
        Assert.Throws<OperationCanceledException>(
            () => AtomicFolder.Write(_folder["x"], _ => throw new OperationCanceledException()));
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    private static void Fill(string folder, string content)
    {
        AtomicFile.WriteAllText(Path.Combine(folder, "state.json"), content);
        string inner = Directory.CreateDirectory(Path.Combine(folder, "inner")).FullName;
        AtomicFile.WriteAllText(Path.Combine(inner, "model"), content);
    }

    private static void AssertHolds(string path, string content)
    {
        Assert.Equal(content, File.ReadAllText(Path.Combine(path, "state.json")));
        Assert.Equal(content, File.ReadAllText(Path.Combine(path, "inner", "model")));
    }
}
