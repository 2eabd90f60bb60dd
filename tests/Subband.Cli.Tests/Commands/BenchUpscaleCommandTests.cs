using System.Text.Json.Nodes;
using Subband.Torch;

namespace Subband.Cli.Tests.Commands;

public class BenchUpscaleCommandTests
{
    // VDSR's nine in and out, and eighteen layers of 64 by 64 filters of nine.
    private const double VdsrOperationsOfPixel = 2 * 9 * (64 + (18 * 64 * 64) + 64);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Json_holds_rates_and_peak_memory_and_what_was_measured(bool files)
    {
        Outcome outcome = SubbandProcess.Run(
            [
                "bench", "upscale", "vdsr-paper", "--size", "20x12", "--scale", "3", "--seconds", "0.01", "--threads", "1", "--json",
                .. files ? (string[])["--files"] : [],
            ]);
        Assert.Equal(0, outcome.ExitCode);
        Assert.Empty(outcome.Complaints);
        JsonNode speed = JsonNode.Parse(outcome.Out)!;
        Assert.Equal(
            [
                "model", "width", "height", "scale", "files", "device", "precision", "threads", "subband", "torch", "pictures", "seconds",
                "megapixels_per_second", "gflops", "peak_memory_bytes",
            ],
            speed.AsObject().Select(member => member.Key));
        double pixels = 20 * 3 * 12 * 3 * (int)speed["pictures"]!;
        Assert.Equal("fp32", (string)speed["precision"]!);
        Assert.Equal(files, (bool)speed["files"]!);
        Assert.Equal(pixels / 1e6 / (double)speed["seconds"]!, (double)speed["megapixels_per_second"]!, 9);
        Assert.Equal(pixels * VdsrOperationsOfPixel / 1e9 / (double)speed["seconds"]!, (double)speed["gflops"]!, 6);
        Assert.InRange((long)speed["peak_memory_bytes"]!, 30L << 20, 4L << 30);
    }

    [Fact]
    public void The_largest_factor_is_taken_and_the_result_told_in_a_sentence()
    {
        Outcome outcome = SubbandProcess.Run(
            "bench", "upscale", "rcan", "--size", "16x16", "--seconds", "0.01", "--threads", "1", "--device", "cpu", "--precision", "bf16");
        Assert.Equal(0, outcome.ExitCode);
        Assert.Matches(
            @"^rcan x4 of 16x16: [0-9.]+ megapixels/s, [0-9]+ GFLOP/s, peak [0-9.]+ MiB \([0-9]+ pictures? in [0-9.]+ s, cpu, 1 thread, bf16\)\n$",
            outcome.Out);
    }

    // To 3840 pixels across, which is what counts: memory does not depend on the height.
    [Fact]
    public void A_wide_picture_takes_less_than_300_MiB_more_than_a_small_one()
    {
        Assert.SkipWhen(Engine.OwnConvolutions is null, "Only Subband's own convolutions take no memory of their own.");
        Assert.InRange(PeakOf("1920x96") - PeakOf("64x64"), 0, 300L << 20);

        static long PeakOf(string size)
        {
            Outcome outcome = SubbandProcess.Run(
                "bench", "upscale", "vdsr", "--size", size, "--scale", "2", "--files", "--precision", "fp32", "--seconds", "0.01", "--json");
            Assert.Equal(0, outcome.ExitCode);
            return (long)JsonNode.Parse(outcome.Out)!["peak_memory_bytes"]!;
        }
    }

    [Theory]
    [InlineData("bench upscale nothing", "There is no shipped model, file or folder 'nothing'")]
    [InlineData("bench upscale lapgan-cifar10-paper", "The preset lapgan-cifar10-paper enlarges no photographs. These do: srcnn-notes, ")]
    [InlineData("bench upscale vdsr-paper --scale 8", "vdsr-paper enlarges by 2 or 3 or 4, not by 8.")]
    [InlineData("bench upscale vdsr-paper --size 256", "--size takes a width and a height from 1 to 8192, such as 256x256, not '256'.")]
    [InlineData("bench upscale vdsr-paper --size 0x4", "--size takes a width and a height from 1 to 8192, such as 256x256, not '0x4'.")]
    public void What_cannot_be_measured_is_named(string call, string message)
    {
        Outcome outcome = SubbandProcess.Run(call.Split(' '));
        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains(message, outcome.Messages, StringComparison.Ordinal);
        Assert.Empty(outcome.Out);
    }
}
