using System.Text.Json;
using Subband.Imaging;
using Subband.Torch.Native;

namespace Subband.Cli.Tests.Commands;

/// <summary>The experiments of <c>subband reproduce</c>, with networks so narrow that they learn nothing in a moment.</summary>
public sealed class ReproduceCommandTests : IDisposable
{
    private static readonly string[] Narrow =
    [
        "--set", "network.mostChannels=8", "--set", "network.styleWidth=8", "--set", "training.batchSize=4", "--set", "training.sampleKimg=1000",
        "--size", "32", "--threads", "1",
    ];

    private readonly TemporaryFolder _folder = new();

    public ReproduceCommandTests()
    {
        Assert.SkipUnless(ImageFile.IsAvailable(out string reason), reason);
        Assert.SkipUnless(TorchLibrary.TryLoad().Loaded, "The native library is not built; ./test.sh builds it.");
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Single_images_are_told_as_a_table_and_as_JSON()
    {
        string[] call = ["reproduce", "swagan-figure1", "--out", _folder["figure"], "--minutes", "0.002", .. Narrow];
        Outcome table = SubbandProcess.Run(call);
        Assert.True(table.ExitCode == 0, table.Messages);
        Assert.Matches(@"(?m)^image +model +kimg +PSNR \(dB\) +LL +LH +HL +HH$", table.Out);
        Assert.Matches(@"(?m)^zone-plate +StyleGAN2( +[\d.]+){6}$", table.Out);
        Assert.Contains($"the report is {_folder["figure/report.md"]}", table.Messages, StringComparison.Ordinal);

        // Everything is trained already.
        Outcome json = SubbandProcess.Run([.. call, "--json"]);
        using JsonDocument report = JsonDocument.Parse(json.Out);
        Assert.Equal(8, report.RootElement.GetProperty("results").GetArrayLength());
        Assert.Equal(255, report.RootElement.GetProperty("pictures").GetProperty("checkerboard").GetProperty("HH").GetDouble(), 0.01);
    }

    [Theory]
    [InlineData(2, "Both architectures have small presets of 32, 64, 128 pixels, not of 48", "swagan-figure1", "--size", "48")]
    [InlineData(1, "--photograph missing.jpg does not exist", "swagan-figure1", "--photograph", "missing.jpg")]
    [InlineData(2, "give --features FILE", "swagan-vs-stylegan2", "--data", "synthetic:leaves#size=32,take=0..8")]
    [InlineData(1, "missing.pth", "swagan-vs-stylegan2", "--data", "synthetic:leaves#size=32,take=0..8", "--features", "missing.pth")]
    public void What_cannot_be_is_said_before_anything_is_trained(int code, string said, params string[] call)
    {
        Outcome outcome = SubbandProcess.Run(["reproduce", .. call, "--out", _folder["none"]]);
        Assert.Equal(code, outcome.ExitCode);
        Assert.Contains(said, outcome.Messages, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_folder["none"]));
    }
}
