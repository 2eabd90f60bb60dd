namespace Subband.Cli.Tests.Commands;

/// <summary>What people mistype: one or two plain lines that name the thing and the way out, and nothing is written.</summary>
public sealed class TrainBadInputTests : IDisposable
{
    private readonly TemporaryFolder _folder = new(inMemory: true);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("lapgan-cifar10-papr", "Did you mean 'lapgan-cifar10-paper'?")]
    [InlineData("resnet", "There are: lapgan-cifar10, ")]
    public void An_unknown_preset_names_the_nearest_or_all(string preset, string hint)
    {
        Outcome outcome = Refused(2, "train", preset, "--data", TinyTraining.Data, "--out", Run);
        Assert.StartsWith($"subband: There is no preset '{preset}'. ", outcome.Messages, StringComparison.Ordinal);
        Assert.Contains(hint, outcome.Messages, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-5")]
    [InlineData("NaN")]
    [InlineData("many")]
    public void A_target_that_is_no_positive_number_names_the_option(string kimg)
    {
        Outcome outcome = Refused(2, TinyTraining.InFor(Run, kimg));
        Assert.Equal(["subband: --kimg takes a number greater than 0, not '" + kimg + "'.", "More: subband train --help"], outcome.MessageLines);
    }

    [Theory]
    [InlineData("training.batchsize=4", "There is no setting 'training.batchsize'. Did you mean training.batchSize?")]
    [InlineData("training.batchSize=0", "The setting training.batchSize (images in one step) takes a whole number, at least 1, not '0'.")]
    [InlineData("training.batchSize=31", "training.batchSize is 31; loss.halfBatches needs an even number.")]
    [InlineData("loss.kind=best", "The setting loss.kind (the game between generator and discriminator) takes minimax, nonSaturating or hinge, not 'best'.")]
    public void A_setting_that_is_none_or_does_not_fit_is_named(string setting, string message)
    {
        Outcome outcome = Refused(2, TinyTraining.In(Run, "--set", setting));
        Assert.Equal(["subband: " + message], outcome.MessageLines);
    }

    [Fact]
    public void A_level_that_is_not_there_is_named()
    {
        Outcome outcome = Refused(2, TinyTraining.In(Run, "--level", "2"));
        Assert.Equal(["subband: trainLevels is 2; this pyramid has levels 0 (the finest) to 1."], outcome.MessageLines);
    }

    [Fact]
    public void A_missing_folder_of_images_is_named()
    {
        Outcome outcome = Refused(1, From(_folder["nowhere"]));
        Assert.Equal([$"subband: There is no file or folder {_folder["nowhere"]} to read images from."], outcome.MessageLines);
    }

    [Fact]
    public void A_folder_without_images_says_what_is_there_instead()
    {
        string photos = Directory.CreateDirectory(_folder["photos"]).FullName;
        Assert.Contains($"There are no images in {photos}", Refused(1, From(photos)).Messages, StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(photos, "letter.txt"), "Dear friend");
        Assert.Contains("letter.txt", Refused(1, From(photos)).Messages, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_of_images_none_of_which_can_be_decoded_leaves_no_run()
    {
        string photos = Directory.CreateDirectory(_folder["photos"]).FullName;
        File.WriteAllText(Path.Combine(photos, "a.png"), "<!DOCTYPE html><title>404</title>");
        File.WriteAllText(Path.Combine(photos, "b.jpg"), "Dear friend");
        Outcome outcome = SubbandProcess.Run(From(photos));
        Assert.Equal(1, outcome.ExitCode);
        Assert.Equal(
            [
                "subband: refused a.png: is an HTML page, not an image; a download probably went wrong.",
                "subband: refused b.jpg: is a text file, not an image.",
                $"subband: None of the 2 images of {photos} can be decoded; "
                + "a.png, for one, is an HTML page, not an image; a download probably went wrong.",
            ],
            outcome.MessageLines);
        AssertNothingWritten();
    }

    [Fact]
    public void An_unknown_class_names_the_nearest()
    {
        string photos = _folder["photos"];
        foreach (string name in new[] { "cat", "dog" })
        {
            Directory.CreateDirectory(Path.Combine(photos, name));
            Imaging.ImageFile.WritePng(Path.Combine(photos, name, "1.png"), new Imaging.Rgb8Image(8, 8, new byte[3 * 8 * 8]));
        }

        Outcome outcome = Refused(2, From(photos + "#class=dogg"));
        Assert.Contains("'dogg'", outcome.Messages, StringComparison.Ordinal);
        Assert.Contains("Did you mean 'dog'?", outcome.Messages, StringComparison.Ordinal);
    }

    [Fact]
    public void A_class_conditional_preset_wants_classes()
    {
        Outcome outcome = Refused(2, "train", "lapgan-cifar10", "--data", TinyTraining.Data, "--out", Run);
        Assert.Equal(
            [
                "subband: This preset is class-conditional, but the data has no classes. "
                + "Give data with one folder for each class, or --set conditional=false.",
            ],
            outcome.MessageLines);
    }

    [Fact]
    public void Cuda_where_there_is_none_names_the_way_out()
    {
        Outcome outcome = SubbandProcess.Run(TinyTraining.In(Run, "--device", "cuda"));
        Assert.SkipWhen(outcome.ExitCode == 0, "There is a CUDA device here.");
        Assert.Equal(1, outcome.ExitCode);
        Assert.Matches(@"^subband: There is no CUDA device .* Leave out --device cuda to compute on the processor\.\n$", outcome.Messages);
        AssertNothingWritten();
    }

    [Fact]
    public void A_run_inside_a_folder_that_nobody_can_write_names_path_reason_and_free_space()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Needs a folder that nobody can write.");
        Outcome outcome = SubbandProcess.Run(TinyTraining.In("/proc/self/run", "--json"));
        Assert.Equal(1, outcome.ExitCode);
        Assert.Matches(
            @"^subband: Cannot write /proc/self/run: failed to create the folder of the run, because .* \(.* free .*\)\.\n$", outcome.Messages);
    }

    [Fact]
    public void A_run_inside_a_file_is_refused()
    {
        string file = _folder.Write("file", "text"u8);
        Outcome outcome = Refused(2, TinyTraining.In(Path.Combine(file, "run")));
        Assert.Equal([$"subband: {file}/run cannot be made, because {file} is a file."], outcome.MessageLines);
    }

    [Fact]
    public void Another_run_and_other_peoples_files_are_left_alone()
    {
        Assert.Equal(0, SubbandProcess.Run(TinyTraining.In(Run)).ExitCode);
        string[] before = Snapshot();
        Outcome again = SubbandProcess.Run(TinyTraining.In(Run));
        Assert.Equal(2, again.ExitCode);
        Assert.Equal(
            [$"subband: {Run} holds a run of lapgan-cifar10-paper already. Add --resume to continue it, or choose another folder for --out."],
            again.MessageLines);
        Outcome other = SubbandProcess.Run("train", "gan-cifar10-paper", "--data", TinyTraining.Data, "--out", Run);
        Assert.Equal(2, other.ExitCode);
        Assert.Equal(
            [$"subband: {Run} holds a run of lapgan-cifar10-paper, not of gan-cifar10-paper. Choose another folder for --out."], other.MessageLines);
        Outcome preset = SubbandProcess.Run("train", "gan-cifar10-paper", "--resume", "--out", Run);
        Assert.Equal(2, preset.ExitCode);
        Assert.StartsWith(
            $"subband: The preset of the run {Run} is lapgan-cifar10-paper and cannot become gan-cifar10-paper.", preset.Messages, StringComparison.Ordinal);
        Outcome broken = SubbandProcess.Run(TinyTraining.GoOn(Run, "--set", "pyramid.sizes=16,4"));
        Assert.Equal(2, broken.ExitCode);
        Assert.Contains("is 16,8 and cannot become 16,4, because its saved state depends on it.", broken.Messages, StringComparison.Ordinal);
        Outcome foreign = SubbandProcess.Run(TinyTraining.In(Path.Combine(Run, "samples")));
        Assert.Equal(2, foreign.ExitCode);
        Assert.Contains("and is no run. Choose an empty or new folder for --out.", foreign.Messages, StringComparison.Ordinal);
        Assert.Equal(before, Snapshot());
    }

    [Fact]
    public void Half_a_checkpoint_is_named_with_the_older_one_which_is_not_taken_unasked()
    {
        Assert.Equal(0, SubbandProcess.Run(TinyTraining.In(Run)).ExitCode);
        string newest = Path.Combine(Run, "checkpoints", "000000k320");
        using (FileStream model = new(Path.Combine(newest, "model.safetensors"), FileMode.Open))
        {
            model.SetLength(model.Length / 2);
        }

        string[] before = Snapshot();
        Outcome outcome = SubbandProcess.Run(TinyTraining.GoOn(Run, "--json", "--kimg", "9"));
        Assert.Equal(1, outcome.ExitCode);
        Assert.Single(outcome.MessageLines);
        Assert.Contains($"{newest}/model.safetensors is damaged", outcome.Messages, StringComparison.Ordinal);
        Assert.Contains("checkpoints/000000k288 instead, move", outcome.Messages, StringComparison.Ordinal);
        Assert.Equal(before, Snapshot());
    }

    [Theory]
    [InlineData("A new run needs a preset: 'subband presets' lists them. To go on with a run, add --resume.", "--data", TinyTraining.Data)]
    [InlineData("A new run needs images: give --data SOURCE.", TinyTraining.Preset)]
    public void A_new_run_wants_a_preset_and_images(string message, params string[] given)
    {
        Outcome outcome = Refused(2, ["train", "--out", Run, .. given]);
        Assert.Equal(["subband: " + message], outcome.MessageLines);
    }

    [Fact]
    public void There_has_to_be_a_run_to_go_on_with()
    {
        Outcome outcome = Refused(2, TinyTraining.GoOn(Run));
        Assert.Equal([$"subband: There is no run {Run} to continue; leave out --resume to begin one."], outcome.MessageLines);
    }

    private string Run => _folder["run"];

    private string[] From(string data) => ["train", TinyTraining.Preset, "--data", data, "--out", Run];

    [Theory]
    [InlineData(1, "There is no file nowhere.pth", "srgan", "loss.features=nowhere.pth")]
    [InlineData(2, "There is no shipped model, file or folder 'nowhere'", "rdn", "optimizer.startFrom=nowhere")]
    [InlineData(2, "fit the network that is to be trained", "rcan", "optimizer.startFrom=rdn-x4")]
    [InlineData(2, "There is no shipped model, file or folder 'nowhere'", "rdn", "loss.teacher=nowhere")]
    [InlineData(2, "loss.teacher=rdn-x2 enlarges by 2, not by 4", "rdn", "loss.teacher=rdn-x2")]
    [InlineData(1, "There is no file or folder nowhere", "rdn", "validation.data=nowhere")]
    public void What_a_training_needs_beside_its_images_is_found_missing_before_there_is_a_run(
        int exitCode, string message, string preset, string setting)
    {
        Outcome outcome = Refused(exitCode, "train", preset, "--data", TinyTraining.Data, "--out", Run, "--scale", "4", "--set", setting);
        Assert.Contains(message, outcome.Messages, StringComparison.Ordinal);
    }

    private Outcome Refused(int exitCode, params string[] arguments)
    {
        Outcome outcome = SubbandProcess.Run(arguments);
        Assert.True(exitCode == outcome.ExitCode, outcome.Messages);
        Assert.Empty(outcome.Out);
        Assert.InRange(outcome.MessageLines.Length, 1, 2);
        AssertNothingWritten();
        return outcome;
    }

    private void AssertNothingWritten() => Assert.False(Path.Exists(Run));

    // All files with their bytes, but for the lock and its owner.
    private string[] Snapshot() =>
    [
        .. Directory.GetFiles(Run, "*", SearchOption.AllDirectories)
            .Where(path => !Path.GetFileName(path).StartsWith('.'))
            .Order(StringComparer.Ordinal)
            .Select(path => $"{path} {Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(path)))}"),
    ];
}
