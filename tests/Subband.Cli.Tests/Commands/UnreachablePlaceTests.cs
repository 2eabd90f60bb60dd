using Subband.Torch;

namespace Subband.Cli.Tests.Commands;

/// <summary>Every command that computes or writes, where there is no such device or nobody can write; for train see TrainBadInputTests.</summary>
public sealed class UnreachablePlaceTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("sample lapgan-cifar10 --out {0}/sheet.png")]
    [InlineData("evaluate lapgan-cifar10 --data synthetic:leaves#take=0..20 --metrics parzen")]
    [InlineData("spectrum synthetic:leaves#take=0..4 --out {0}/spectra.png")]
    [InlineData("bench train lapgan-cifar10-paper")]
    [InlineData("demo --out {0}/demo")]
    public void Cuda_where_there_is_none_names_the_way_out(string call)
    {
        Assert.SkipWhen(Engine.CudaDevices > 0, "There is a CUDA device here.");
        Outcome outcome = Run(call + " --device cuda");
        Assert.Equal(1, outcome.ExitCode);
        Assert.Matches(@"^subband: There is no CUDA device .* Leave out --device cuda to compute on the processor\.\n$", outcome.Messages);
        Assert.Empty(outcome.Out);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    // Not even the superuser can make a file in /proc/self.
    [Theory]
    [InlineData("sample lapgan-cifar10 --count 1 --out /proc/self/sheet.png", "Cannot write /proc/self: failed to make sheet.png in it")]
    [InlineData("sample lapgan-cifar10 --count 1 --folder /proc/self/samples", "The folder /proc/self/samples cannot be made: ")]
    [InlineData("export lapgan-cifar10 --out /proc/self/model.safetensors", "Cannot write /proc/self: failed to make model.safetensors in it")]
    [InlineData("data pack synthetic:leaves#take=0..2 --out /proc/self/leaves.safetensors", "Cannot write /proc/self: failed to make leaves.safetensors in it")]
    [InlineData("demo --out /proc/self/demo --seconds 1", "Cannot write /proc/self/demo/runs/live: ")]
    public void A_folder_that_nobody_can_write_is_named(string call, string message)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Needs a folder that nobody can write.");
        Outcome outcome = Run(call);
        Assert.Equal(1, outcome.ExitCode);
        Assert.StartsWith("subband: " + message, outcome.MessageLines[^1], StringComparison.Ordinal);
        Assert.Empty(outcome.Out);
    }

    private Outcome Run(string call) => SubbandProcess.Run(call.Replace("{0}", _folder.Path, StringComparison.Ordinal).Split(' '));
}
