using System.Text;
using System.Text.Json.Nodes;

namespace Subband.Cli.Tests.Commands;

public sealed class ExportCommandTests : IDisposable
{
    /// <summary>The pickle of a call of os.system("id"), in protocol 2.</summary>
    private static readonly byte[] Attack = [0x80, 2, .. "cos\nsystem\nX"u8, 2, 0, 0, 0, .. "id"u8, 0x85, (byte)'R', (byte)'.'];

    private readonly TemporaryFolder _folder = new(inMemory: true);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_run_becomes_one_file_and_the_output_says_how_large_it_is()
    {
        string run = _folder["run"];
        Assert.Equal(0, SubbandProcess.Run(TinyTraining.In(run)).ExitCode);
        Outcome outcome = SubbandProcess.Run("export", run, "--out", _folder["whole.safetensors"]);
        Assert.Equal(0, outcome.ExitCode);
        Assert.Matches($@"^lapgan-cifar10-paper in {_folder["whole.safetensors"]}: [0-9,]+ parameters, [0-9.]+ KiB\n$", outcome.Out);
        Assert.Empty(outcome.Complaints);

        Outcome half = SubbandProcess.Run(
            "export", Path.Combine(run, "checkpoints", "000000k320"), "--out", _folder["half.safetensors"], "--precision", "fp16", "--json");
        Assert.Equal(0, half.ExitCode);
        JsonNode json = JsonNode.Parse(half.Out)!;
        Assert.Equal("lapgan-cifar10-paper", (string)json["preset"]!);
        Assert.Equal(new FileInfo(_folder["half.safetensors"]).Length, (long)json["bytes"]!);
        Assert.InRange((long)json["bytes"]!, (long)json["parameters"]! * 2, new FileInfo(_folder["whole.safetensors"]).Length - 1);

        Outcome again = SubbandProcess.Run("export", _folder["half.safetensors"], "--out", _folder["again.safetensors"]);
        Assert.Equal(0, again.ExitCode);

        Outcome inside = SubbandProcess.Run("export", run, "--out", Path.Combine(run, "checkpoints", "000000k320", "model.safetensors"));
        Assert.Equal(2, inside.ExitCode);
        Assert.Contains("lies in a checkpoint, which must stay as it is", inside.Messages, StringComparison.Ordinal);
    }

    [Fact]
    public void Levels_trained_by_two_processes_become_the_model_of_one()
    {
        foreach (string[] training in (string[][])[["all"], ["fine", "--level", "0"], ["coarse", "--level", "1"]])
        {
            Assert.Equal(0, SubbandProcess.Run(TinyTraining.In(_folder[training[0]], training[1..])).ExitCode);
        }

        Assert.Equal(0, SubbandProcess.Run("export", _folder["all"], "--out", _folder["all.safetensors"]).ExitCode);
        Outcome joined = SubbandProcess.Run("export", _folder["fine"], _folder["coarse"], "--out", _folder["joined.safetensors"]);
        Assert.Equal(0, joined.ExitCode);
        foreach (string name in (string[])["all", "joined"])
        {
            Outcome sampled = SubbandProcess.Run("sample", _folder[$"{name}.safetensors"], "--out", _folder[$"{name}.png"]);
            Assert.Equal(0, sampled.ExitCode);
            Assert.DoesNotContain("never trained", sampled.Messages, StringComparison.Ordinal);
        }

        Outcome half = SubbandProcess.Run("sample", _folder["coarse"], "--out", _folder["half.png"]);
        Assert.Equal(0, half.ExitCode);
        Assert.Contains("Level 0 of", half.Messages, StringComparison.Ordinal);
        Assert.Contains("was never trained: what it adds is noise.", half.Messages, StringComparison.Ordinal);

        Assert.Equal(File.ReadAllBytes(_folder["all.png"]), File.ReadAllBytes(_folder["joined.png"]));
        Outcome missing = SubbandProcess.Run("export", _folder["fine"], _folder["fine"], "--out", _folder["none.safetensors"]);
        Assert.Equal(2, missing.ExitCode);
        Assert.Contains("Level 1 was trained in none of the 2 models", missing.Messages, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_that_is_none_is_named_by_what_it_is_instead()
    {
        Refused(1, "It seems to be a web page", _folder.Write("page.safetensors", "<!DOCTYPE html><html><body>404</body></html>"u8));
        Refused(1, "It seems to be a Git LFS pointer", _folder.Write(
            "pointer.safetensors", "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 7000000\n"u8));
        Refused(1, "It seems to be an empty file", _folder.Write("empty.safetensors", ""u8));
        Refused(1, "os.system", _folder.Write("attack.pth", Attack));
        Refused(1, "is neither a run nor a checkpoint.", Directory.CreateDirectory(_folder["folder"]).FullName);
        Refused(2, $"There is no file or folder {_folder["none.safetensors"]}.", _folder["none.safetensors"]);
        Refused(2, "There is no shipped model, file or folder 'lapgann'.", "lapgann");
    }

    [Theory]
    [InlineData("model.pth", 2, "--out names a .safetensors file, but '{0}' was given.")]
    [InlineData("nowhere/model.safetensors", 1, "there is no folder ")]
    public void A_place_that_takes_no_model_is_named(string name, int exitCode, string message)
    {
        Outcome outcome = SubbandProcess.Run("export", "lapgan-cifar10", "--out", _folder[name]);
        Assert.Equal(exitCode, outcome.ExitCode);
        Assert.Contains(message.Replace("{0}", _folder[name], StringComparison.Ordinal), outcome.Messages, StringComparison.Ordinal);
    }

    [Fact]
    public void What_less_exact_numbers_cost_is_measured_on_photographs_and_written_down()
    {
        _ = Directory.CreateDirectory(_folder["photographs/HR"]);
        File.Copy(TestData.Path("sr/Set5/HR/woman.png"), _folder["photographs/HR/woman.png"]);
        Outcome outcome = SubbandProcess.Run(
            "export", "rdn-x4", "--out", _folder["rdn.safetensors"], "--measure-precision", _folder["photographs"], "--json");
        Assert.Equal(0, outcome.ExitCode);
        JsonNode exported = JsonNode.Parse(outcome.Out)!;
        Assert.InRange((double)exported["bf16_cost"]!, -0.05, 0.05);
        bool isKnown = exported["fast_cost"] is not null; // not on every processor
        Assert.Equal(isKnown ? "" : "note: what the fast class of bf16 costs stays unknown", outcome.Complaints.Split(':')[..(isKnown ? 1 : 2)].Aggregate((a, b) => $"{a}:{b}"));
        string file = Encoding.Latin1.GetString(File.ReadAllBytes(_folder["rdn.safetensors"]));
        Assert.Contains("subband.bf16Cost", file, StringComparison.Ordinal);
        Assert.Equal(isKnown, file.Contains("subband.fastCost", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(1, "is a LAPGAN, which makes images from nothing and enlarges no photographs", "lapgan-cifar10")]
    [InlineData(1, "holds no folder HR", "rdn-x4")]
    [InlineData(2, "--measure-precision is for one model that enlarges photographs, and 2 are given.", "rdn-x4", "rdn-x4")]
    public void What_less_exact_numbers_cost_is_measured_only_of_one_model_that_enlarges(int exitCode, string message, params string[] models)
    {
        Outcome outcome = SubbandProcess.Run(["export", .. models, "--out", _folder["out.safetensors"], "--measure-precision", _folder.Path]);
        Assert.Equal(exitCode, outcome.ExitCode);
        Assert.Contains(message, outcome.Messages, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder["out.safetensors"]));
    }

    private void Refused(int exitCode, string message, string model)
    {
        Outcome outcome = SubbandProcess.Run("export", model, "--out", _folder["out.safetensors"]);
        Assert.True(exitCode == outcome.ExitCode, outcome.Messages);
        Assert.Contains(message, outcome.Messages, StringComparison.Ordinal);
        Assert.Contains(model, outcome.Messages, StringComparison.Ordinal);
        Assert.InRange(outcome.MessageLines.Length, 1, 2);
        Assert.False(File.Exists(_folder["out.safetensors"]));
    }
}
