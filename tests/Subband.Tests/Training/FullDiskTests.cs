using Subband.Data;
using Subband.Imaging;
using Subband.Tests.Upscaling;
using Subband.Torch;
using Subband.Training;
using Subband.TrainingHost;
using Subband.Upscaling;

namespace Subband.Tests.Training;

/// <summary>Disks that are really full and folders that really cannot be written: small file systems in memory.</summary>
public sealed class FullDiskTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private SmallDisk? _disk;

    private string Disk => _folder["disk"];

    public void Dispose()
    {
        _disk?.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_full_disk_stops_the_run_at_once_and_with_more_room_it_ends_with_the_same_bytes()
    {
        TinySettings settings = TinyFamily.Settings with { Training = TinyFamily.Settings.Training with { KeepCheckpoints = 100 } };
        Mount("size=100k");
        SubbandException error = Assert.Throws<SubbandException>(() => TinyRun.Train(Path.Combine(Disk, "run"), settings));
        Assert.StartsWith("Training stopped at ", error.Message);
        Assert.Contains($"Cannot write {Disk}/run/checkpoints/", error.Message);
        Assert.Contains("because the disk is full (0.", error.Message);
        Assert.Contains("MB free at ", error.Message);
        string former = TinyRun.Newest(Path.Combine(Disk, "run"));
        Assert.Contains($"The last good checkpoint is {former}.", error.Message);

        _disk!.Change("size=10m");
        _ = TinyRun.Train(Path.Combine(Disk, "run"));
        _ = TinyRun.Train(_folder["whole"], settings);
        TinyRun.AssertSameEnd(_folder["whole"], Path.Combine(Disk, "run"));
    }

    [Fact]
    public void A_run_cannot_begin_on_a_full_disk_and_leaves_nothing()
    {
        Mount("size=8k");
        File.WriteAllBytes(Path.Combine(Disk, "other"), new byte[8192]);
        using TinySource source = new();
        SubbandException error = Assert.Throws<SubbandException>(() => RunFolder.Create(Path.Combine(Disk, "run"), Program.Config(source)));
        Assert.Contains("because the disk is full (0.0 MB free at", error.Message);
        Assert.Equal([Path.Combine(Disk, "other")], Directory.GetFileSystemEntries(Disk));
    }

    [Fact]
    public void A_pack_that_finds_no_room_is_named_and_the_former_one_stays()
    {
        Mount("size=64k");
        string path = Path.Combine(Disk, "photos.safetensors");
        using IImageSource few = ImageSources.Open("synthetic:leaves#size=16,take=0..8");
        _ = ImagePack.Write(few, path, 1, cancellationToken: TestContext.Current.CancellationToken);
        byte[] former = File.ReadAllBytes(path);

        using IImageSource many = ImageSources.Open("synthetic:leaves#size=16,take=0..200");
        SubbandException error = Assert.Throws<SubbandException>(
            () => ImagePack.Write(many, path, 1, cancellationToken: TestContext.Current.CancellationToken));
        Assert.StartsWith($"Cannot write {path}: failed to write its data, because the disk is full (0.", error.Message);
        Assert.Equal(former, File.ReadAllBytes(path));
        Assert.Equal([path], Directory.GetFileSystemEntries(Disk));
    }

    [Theory]
    [InlineData("png")]
    [InlineData("jpg")]
    [InlineData("webp")]
    [InlineData("tif")]
    public void A_picture_that_finds_no_room_is_named_and_nothing_of_it_stays(string format)
    {
        Mount("size=8k");
        string path = Path.Combine(Disk, $"large.{format}");
        ImageFile.WritePng(_folder["small.png"], new DeadLeaves(64, 64).Render(0));
        PhotographUpscaler upscaler = new(UpscalingBench.Bicubic, UpscalingBench.By(8));
        SubbandException error = Assert.ThrowsAny<SubbandException>(() => upscaler.Run(_folder["small.png"], path));
        Assert.StartsWith($"Cannot write {path}: failed to write it, because the disk is full (", error.Message);
        Assert.Empty(Directory.GetFileSystemEntries(Disk));
    }

    [Fact]
    public void A_read_only_folder_is_named_whether_the_run_begins_or_goes_on()
    {
        Mount("size=1m");
        string path = Path.Combine(Disk, "run");
        _ = TinyRun.Train(path);
        _disk!.Change("ro");
        using TinySource source = new();
        SubbandException begun = Assert.Throws<SubbandException>(() => RunFolder.Create(path + "2", Program.Config(source)));
        Assert.StartsWith($"Cannot write {path}2: failed to create the folder of the run, because the file system is read-only (", begun.Message);
        SubbandException resumed = Assert.Throws<SubbandException>(() => RunFolder.Open(path, TinyFamily.Find));
        Assert.StartsWith($"Cannot write {path}: failed to create its lock, because the file system is read-only (", resumed.Message);
        Assert.Equal("tiny-8", RunFolder.ReadConfig(path, TinyFamily.Find).Preset);
        Assert.NotNull(TinyRun.Newest(path));
    }

    private void Mount(string options) => _disk = SmallDisk.Mount(Disk, options);
}
