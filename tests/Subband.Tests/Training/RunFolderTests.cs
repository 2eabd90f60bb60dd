using Subband.Torch;
using Subband.Training;
using Subband.TrainingHost;

namespace Subband.Tests.Training;

public sealed class RunFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly TinySource _source = new();

    private RunConfig Config => Program.Config(_source);

    public void Dispose()
    {
        FaultPoint.Hook = null;
        _folder.Dispose();
    }

    [Fact]
    public void A_configuration_is_read_back_as_it_was_written()
    {
        RunConfig config = Config with
        {
            Seed = ulong.MaxValue,
            Device = new Device(DeviceType.Cuda, 3),
            Precision = Precision.Bf16,
            Threads = 5,
            Data = new RunData("/photos äö/a.tar#split=train", "abc", ["cat", "grey dog"]),
            Settings = TinyFamily.Settings with { Channels = 9 },
        };
        string json = config.ToJson();
        RunConfig read = RunConfig.FromJson(json, TinyFamily.Find, "config.json");
        Assert.Equal(json, read.ToJson());
        Assert.Equal(config.Settings, read.Settings);
        Assert.Equal(config.Device, read.Device);
        Assert.Equal(ulong.MaxValue, read.Seed);
        Assert.Contains("/photos äö/a.tar#split=train", json);
        Assert.Contains("\"checkpointKimg\": 0.2,", json);
    }

    [Theory]
    [InlineData("\"seed\": 7", "\"seed\": -7", "'seed' is no whole number")]
    [InlineData("\"seed\": 7,", "", "'seed' is missing")]
    [InlineData("\"cpu\"", "\"gpu\"", "'device' is 'gpu'")]
    [InlineData("\"fp32\"", "\"fp8\"", "'precision' is 'fp8'")]
    [InlineData("\"tiny\"", "\"huge\"", "There is no model family 'huge'")]
    [InlineData("\"channels\": 4", "\"channel\": 4", "the setting 'channel'")]
    [InlineData("\"channels\": 4", "\"channels\": 4.5", "channels in config.json should be a whole number")]
    [InlineData("\"format\": 1", "\"format\": 2", "in format 2; this is Subband")]
    [InlineData("}", "", "is not the sound configuration of a run")]
    public void A_damaged_configuration_is_refused_with_what_is_wrong(string from, string to, string expected)
    {
        string json = Config.ToJson().Replace(from, to, StringComparison.Ordinal);
        SubbandException error = Assert.ThrowsAny<SubbandException>(() => RunConfig.FromJson(json, TinyFamily.Find, "config.json"));
        Assert.Contains(expected, error.Message);
    }

    [Fact]
    public void A_new_run_holds_its_whole_configuration_and_its_folders()
    {
        string path = _folder["runs/a"];
        string working = Environment.CurrentDirectory;
        using (RunFolder run = RunFolder.Create(path + "/", Config))
        {
            Assert.Equal(path, run.Path);
            Assert.Equal(Config.ToJson(), File.ReadAllText(Path.Combine(path, "config.json")));
            Assert.Empty(run.Checkpoints.List());
            Assert.Null(run.Checkpoints.Newest());
            Assert.True(Directory.Exists(run.SamplesPath));
        }

        using RunFolder again = RunFolder.Open(path, TinyFamily.Find);
        Assert.Equal(Config.ToJson(), again.Config.ToJson());
        Assert.Equal(working, Environment.CurrentDirectory);
    }

    [Fact]
    public void An_existing_run_is_not_begun_again_and_the_message_names_the_option_to_continue()
    {
        RunFolder.Create(_folder["a"], Config).Dispose();
        UsageException same = Assert.Throws<UsageException>(() => RunFolder.Create(_folder["a"], Config));
        Assert.Contains("holds a run of tiny-8 already. Add --resume", same.Message);
        UsageException other = Assert.Throws<UsageException>(() => RunFolder.Create(_folder["a"], Config with { Preset = "tiny-other" }));
        Assert.Contains("holds a run of tiny-8, not of tiny-other", other.Message);
    }

    [Fact]
    public void A_folder_with_something_else_in_it_is_left_alone()
    {
        _folder.Write("photo.png", "x"u8);
        UsageException error = Assert.Throws<UsageException>(() => RunFolder.Create(_folder.Path, Config));
        Assert.Contains("holds photo.png and is no run", error.Message);
        Assert.Equal([_folder["photo.png"]], Directory.GetFileSystemEntries(_folder.Path));
        UsageException file = Assert.Throws<UsageException>(() => RunFolder.Create(_folder["photo.png"], Config));
        Assert.Contains("is a file", file.Message);
    }

    [Fact]
    public void There_has_to_be_a_run_to_continue()
    {
        UsageException missing = Assert.Throws<UsageException>(() => RunFolder.Open(_folder["none"], TinyFamily.Find));
        Assert.Contains("leave out --resume to begin one", missing.Message);
        Assert.False(Directory.Exists(_folder["none"]));
        UsageException empty = Assert.Throws<UsageException>(() => RunFolder.Open(_folder.Path, TinyFamily.Find));
        Assert.Contains("there is no config.json in it", empty.Message);
    }

    [Fact]
    public void Two_at_a_time_cannot_train_one_run()
    {
        using (RunFolder first = RunFolder.Create(_folder["a"], Config))
        {
            SubbandException error = Assert.Throws<SubbandException>(() => RunFolder.Open(_folder["a"], TinyFamily.Find));
            Assert.StartsWith($"Another process ({Environment.ProcessId} on {Environment.MachineName}) trains the run {first.Path}.", error.Message);
            Assert.Equal(first.Config.ToJson(), RunFolder.ReadConfig(_folder["a"], TinyFamily.Find).ToJson());
        }

        RunFolder.Open(_folder["a"], TinyFamily.Find).Dispose();
    }

    [Fact]
    public void What_a_kill_left_of_unfinished_saves_is_removed_on_opening()
    {
        RunFolder.Create(_folder["a"], Config).Dispose();
        const string temporary = ".tmp-0123456789abcdef0123456789abcdef";
        _folder.Write($"a/{temporary}", "half"u8);
        _folder.Write($"a/samples/{temporary}", "half"u8);
        string folder = Directory.CreateDirectory(_folder[$"a/checkpoints/{temporary}"]).FullName;
        File.WriteAllText(Path.Combine(folder, temporary), "half");
        RunFolder.Open(_folder["a"], TinyFamily.Find).Dispose();
        Assert.DoesNotContain(
            Directory.EnumerateFileSystemEntries(_folder["a"], "*", SearchOption.AllDirectories),
            path => path.Contains(".tmp-", StringComparison.Ordinal));
    }

    [Fact]
    public void Creation_that_fails_at_any_step_leaves_no_run_and_can_be_repeated()
    {
        string path = _folder["a"];
        for (int countdown = 1; ; countdown++)
        {
            int left = countdown;
            FaultPoint.Hook = _ =>
            {
                if (--left == 0)
                {
                    throw new IOException("injected", 28);
                }
            };
            Exception? error = Record.Exception(() => RunFolder.Create(path, Config).Dispose());
            FaultPoint.Hook = null;
            if (error is null)
            {
                Assert.Equal(7, countdown);
                return;
            }

            Assert.Contains("the disk is full", Assert.IsType<SubbandException>(error).Message);

            // The last two steps come after the configuration is complete.
            Assert.Equal(countdown >= 5, RunFolder.IsRun(path));
            Assert.Equal(countdown >= 5, Directory.Exists(path));
            if (countdown >= 5)
            {
                RunFolder.Open(path, TinyFamily.Find).Dispose();
                Directory.Delete(path, recursive: true);
            }
        }
    }

    [Fact]
    public void The_folder_around_each_that_is_made_is_synchronised()
    {
        int synchronised = 0;
        FaultPoint.Hook = place => synchronised += place == "run.syncFolder" ? 1 : 0;
        RunFolder.Create(_folder["all/my/run"], Config).Dispose();
        FaultPoint.Hook = null;
        Assert.Equal(3, synchronised);
    }

    [Fact]
    public void A_run_inside_a_read_only_folder_is_refused_with_the_path_and_the_free_space()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Needs a folder that nobody can write.");
        SubbandException error = Assert.Throws<SubbandException>(() => RunFolder.Create("/proc/self/run", Config));
        Assert.StartsWith("Cannot write /proc/self/run: failed to create the folder of the run, because", error.Message);
    }

    [Fact]
    public void Changed_settings_are_kept()
    {
        using (RunFolder run = RunFolder.Create(_folder["a"], Config))
        {
            run.Update(run.Config with { Settings = SettingsTree.Apply(run.Config.Settings, "training.kimg=5") });
        }

        Assert.Equal(5, RunFolder.ReadConfig(_folder["a"], TinyFamily.Find).Settings.Training.Kimg);
    }

    [Theory]
    [InlineData(0, "000000k")]
    [InlineData(50_000, "000050k")]
    [InlineData(50_304, "000050k304")]
    [InlineData(1_234_567_008, "1234567k008")]
    public void Names_hold_the_exact_number_of_images(long images, string expected)
    {
        Assert.Equal(expected, KimgName.Of(images));
        Assert.True(KimgName.Is(expected));
        Assert.True(KimgName.Is(expected + "-17"));
        Assert.False(KimgName.Is(expected + ".bad"));
        Assert.False(KimgName.Is("old-" + expected));
    }
}
