using System.Text.Json.Nodes;

namespace Subband.Cli.Tests.Commands;

public sealed class ImportCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new(inMemory: true);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_checkpoint_becomes_a_model_and_the_output_says_what_it_is()
    {
        Outcome outcome = SubbandProcess.Run("import", Checkpoint("rcan_basicsr_x3"), "--out", _folder["model.safetensors"]);
        Assert.Equal(0, outcome.ExitCode);
        Assert.Matches($@"^rcan in {_folder["model.safetensors"]}: x3, [0-9,]+ parameters, [0-9.]+ KiB\n$", outcome.Out);
        Assert.Contains("recognised as RCAN in the layout of BasicSR, from its params_ema.module", outcome.Messages, StringComparison.Ordinal);

        Outcome json = SubbandProcess.Run("import", Checkpoint("srcnn_955"), "--scale", "3", "--as", "srcnn", "--out", _folder["model.safetensors"], "--json");
        Assert.Equal(0, json.ExitCode);
        Assert.Empty(json.Complaints);
        JsonNode result = JsonNode.Parse(json.Out)!;
        Assert.Equal("srcnn", (string)result["preset"]!);
        Assert.Equal(3, (int)result["scales"]![0]!);
        Assert.Equal(new FileInfo(_folder["model.safetensors"]).Length, (long)result["bytes"]!);
    }

    [Fact]
    public void A_model_that_enlarges_is_no_use_to_sample_which_says_so()
    {
        Assert.Equal(0, SubbandProcess.Run("import", Checkpoint("vdsr"), "--out", _folder["model.safetensors"]).ExitCode);
        Outcome outcome = SubbandProcess.Run("sample", _folder["model.safetensors"], "--out", _folder["sheet.png"]);
        Assert.Equal(1, outcome.ExitCode);
        Assert.Contains("is vdsr, which enlarges photographs and makes none from nothing", outcome.Messages, StringComparison.Ordinal);

        Outcome exported = SubbandProcess.Run("export", _folder["model.safetensors"], "--out", _folder["half.safetensors"], "--precision", "fp16");
        Assert.Equal(0, exported.ExitCode);
    }

    [Theory]
    [InlineData(2, "say so, as in --scale 3.", "srcnn_955")]
    [InlineData(2, "enlarges by 4, not by 2; leave out --scale.", "rcan_official_x4", "--scale", "2")]
    [InlineData(2, "--scale takes a whole number from 2 to 16, not '1'.", "rcan_official_x4", "--scale", "1")]
    [InlineData(2, "There is no checkpoint layout 'rcam'. Did you mean 'rcan'?", "rcan_official_x4", "--as", "rcam")]
    [InlineData(
        2,
        "is RCAN in the layout of its authors and of EDSR-PyTorch, not RDN in the layout of yjn870/RDN-pytorch; leave out --as.",
        "rcan_official_x4",
        "--as",
        "rdn-yjn870")]
    [InlineData(1, "the discriminator of an SRGAN", "discriminator_32")]
    [InlineData(1, "save its state dict alone.", "vdsr_whole_module")]
    public void What_cannot_be_imported_is_refused_with_the_reason_and_nothing_is_written(int exitCode, string said, string name, params string[] more)
    {
        ArgumentNullException.ThrowIfNull(more);
        Outcome outcome = SubbandProcess.Run(["import", Checkpoint(name), "--out", _folder["model.safetensors"], .. more]);
        Assert.True(exitCode == outcome.ExitCode, outcome.Messages);
        Assert.Contains(said, outcome.Messages, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder["model.safetensors"]));
    }

    [Fact]
    public void Files_that_are_no_checkpoints_and_places_that_take_no_model_are_named()
    {
        string page = _folder.Write("page.pth", "<!DOCTYPE html><html><body>404</body></html>"u8);
        Outcome web = SubbandProcess.Run("import", page, "--out", _folder["model.safetensors"]);
        Assert.Equal(1, web.ExitCode);
        Assert.Contains(page, web.Messages, StringComparison.Ordinal);
        Assert.Contains("web page", web.Messages, StringComparison.Ordinal);
        Outcome place = SubbandProcess.Run("import", Checkpoint("vdsr"), "--out", _folder["model.pth"]);
        Assert.Equal(2, place.ExitCode);
        Outcome none = SubbandProcess.Run("import", _folder["none.pth"], "--out", _folder["model.safetensors"]);
        Assert.Equal(1, none.ExitCode);
        Assert.Contains(_folder["none.pth"], none.Messages, StringComparison.Ordinal);
    }

    private static string Checkpoint(string name) =>
        Path.Combine(TestData.RepositoryRoot, "tests/Subband.Tests/Models/SuperResolution/checkpoints", name + ".pth");
}
