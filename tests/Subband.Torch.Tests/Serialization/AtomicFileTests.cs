using Subband.Torch.Serialization;

namespace Subband.Torch.Tests.Serialization;

public sealed class AtomicFileTests : IDisposable
{
    private const int DiskFull = 28;

    private readonly TemporaryFolder _folder = new();

    public void Dispose()
    {
        FaultPoint.Hook = null;
        _folder.Dispose();
    }

    [Fact]
    public void Writing_replaces_the_content_and_leaves_nothing_else()
    {
        string path = _folder["state.json"];
        AtomicFile.WriteAllText(path, "a long first content");
        AtomicFile.WriteAllText(path, "ä");
        Assert.Equal("ä"u8.ToArray(), File.ReadAllBytes(path));
        Assert.Equal([path], Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void A_name_without_a_folder_is_written_into_the_current_one()
    {
        string name = $"subband-test-{Guid.NewGuid():N}";
        try
        {
            AtomicFile.WriteAllText(name, "x");
            Assert.Equal("x", File.ReadAllText(Path.Combine(Environment.CurrentDirectory, name)));
        }
        finally
        {
            File.Delete(name);
        }
    }

    [Fact]
    public void A_symbolic_link_stays_one_and_the_file_it_names_is_replaced()
    {
        string real = _folder.Write("real", "old"u8);
        File.CreateSymbolicLink(_folder["link"], real);
        AtomicFile.WriteAllText(_folder["link"], "new");
        Assert.Equal("new", File.ReadAllText(real));
        Assert.NotNull(new FileInfo(_folder["link"]).LinkTarget);
    }

    [Fact]
    public void At_each_step_a_killed_process_leaves_the_old_file_or_the_new_one()
    {
        string path = _folder.Write("file", "old"u8);
        List<string> steps = [];
        FaultPoint.Hook = step =>
        {
            // What the disk holds here is what a kill here would leave.
            steps.Add(step);
            Assert.Equal(step == "file.syncFolder" ? "new" : "old", File.ReadAllText(path));
        };
        AtomicFile.Write(path, stream =>
        {
            stream.Write("n"u8);
            stream.Write("ew"u8);
        });
        Assert.Equal(
            ["file.create", "file.write", "file.write", "file.flush", "file.rename", "file.syncFolder"], steps);
    }

    [Fact]
    public void A_fault_at_each_step_leaves_the_old_file_or_the_new_one_and_no_temporary_file()
    {
        string path = _folder.Write("file", "old"u8);
        byte[] large = new byte[(1 << 20) + 1];
        int faults = 0;
        for (int countdown = 1; ; countdown++)
        {
            int left = countdown;
            bool reached = false;
            FaultPoint.Hook = step =>
            {
                if (--left == 0)
                {
                    reached = true;
                    throw new IOException("injected", DiskFull);
                }
            };
            Exception? error = Record.Exception(() => AtomicFile.Write(path, stream => stream.Write(large)));
            FaultPoint.Hook = null;
            Assert.Equal([path], Directory.GetFileSystemEntries(_folder.Path));
            if (!reached)
            {
                Assert.Null(error);
                break;
            }

            faults++;
            SubbandException told = Assert.IsType<SubbandException>(error);
            Assert.Contains(path, told.Message);
            Assert.Contains("the disk is full", told.Message);
            Assert.Matches(@"\([0-9.]+ MB free at ", told.Message);
            Assert.Equal(countdown == 6 ? large.Length : 3, new FileInfo(path).Length);
            File.WriteAllText(path, "old");
        }

        Assert.Equal(6, faults);
        Assert.Equal(large, File.ReadAllBytes(path));
    }

    [Fact]
    public void What_the_callback_throws_passes_through_and_the_old_file_stays()
    {
        string path = _folder.Write("file", "old"u8);
        Assert.Throws<OperationCanceledException>(() => AtomicFile.Write(path, stream =>
        {
            stream.Write("half"u8);
            throw new OperationCanceledException();
        }));
        Assert.Equal("old", File.ReadAllText(path));
        Assert.Equal([path], Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void A_missing_folder_is_named()
    {
        string path = Path.Combine(_folder.Path, "none", "file");
        SubbandException error = Assert.Throws<SubbandException>(() => AtomicFile.WriteAllText(path, ""));
        Assert.Contains($"Cannot write {path}", error.Message);
        Assert.Contains("the folder does not exist", error.Message);
    }

    [Fact]
    public void A_folder_in_place_of_the_file_is_refused()
    {
        SubbandException error = Assert.Throws<SubbandException>(() => AtomicFile.WriteAllText(_folder.Path, ""));
        Assert.Contains("a folder has that name", error.Message);
    }

    [Fact]
    public void A_folder_that_takes_no_files_is_named_with_the_step_that_failed()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Needs /proc, where even root cannot create files.");
        SubbandException error = Assert.Throws<SubbandException>(() => AtomicFile.WriteAllText("/proc/self/x", ""));
        Assert.StartsWith(
            "Cannot write /proc/self/x: failed to create a temporary file beside it, because", error.Message);
        Assert.DoesNotContain(".tmp-", error.Message);
    }

    [Fact]
    public void Leftovers_of_a_killed_process_are_removed_and_nothing_else_is()
    {
        _folder.Write(".tmp-0123456789abcdef0123456789abcdef", "half"u8);
        string other = Directory.CreateDirectory(_folder[".tmp-fedcba9876543210fedcba9876543210"]).FullName;
        File.WriteAllText(Path.Combine(other, "half"), "");
        string[] kept = [_folder.Write(".tmp-mine", ""u8), _folder.Write("model.safetensors", ""u8)];
        Assert.Equal(2, AtomicFile.CleanUp(_folder.Path));
        Assert.Equal(kept.Order(), Directory.GetFileSystemEntries(_folder.Path).Order());
    }

    [Fact]
    public void Among_others_only_old_leftovers_that_nobody_writes_are_removed()
    {
        DateTime old = DateTime.UtcNow.AddHours(-2);
        string abandoned = _folder.Write(".tmp-0123456789abcdef0123456789abcdef", "half"u8);
        File.SetLastWriteTimeUtc(abandoned, old);
        string[] kept = [_folder.Write(".tmp-fedcba9876543210fedcba9876543210", "young"u8), _folder.Write("model.safetensors", ""u8)];
        File.SetLastWriteTimeUtc(kept[1], old);
        AtomicFile.Write(_folder["pack"], stream =>
        {
            stream.Write("half"u8);
            string written = Directory.GetFiles(_folder.Path).Single(path => path != abandoned && !kept.Contains(path));
            File.SetLastWriteTimeUtc(written, old);
            Assert.Equal(1, AtomicFile.CleanUpAbandoned(_folder.Path));
            Assert.False(File.Exists(abandoned));
            Assert.Equal([.. kept.Append(written).Order()], Directory.GetFiles(_folder.Path).Order());
        });
        Assert.Equal("half", File.ReadAllText(_folder["pack"]));
    }

    [Fact]
    public void The_stream_can_only_be_written()
    {
        AtomicFile.Write(_folder["file"], stream =>
        {
            Assert.False(stream.CanSeek || stream.CanRead);
            Assert.Throws<NotSupportedException>(() => stream.Seek(0, SeekOrigin.Begin));
            stream.Write([1, 2, 3], 1, 2);
            stream.Flush();
            Assert.Equal(2, stream.Position);
        });
        Assert.Equal([2, 3], File.ReadAllBytes(_folder["file"]));
    }
}
