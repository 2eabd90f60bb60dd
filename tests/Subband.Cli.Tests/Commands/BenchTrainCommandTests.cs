using System.Text.Json.Nodes;

namespace Subband.Cli.Tests.Commands;

public class BenchTrainCommandTests
{
    [Fact]
    public void Json_holds_rate_and_peak_memory_and_what_was_measured()
    {
        Outcome outcome = SubbandProcess.Run(
            "bench", "train", "lapgan-cifar10-paper", "--level", "1", "--batch", "8", "--steps", "2", "--warmup", "1", "--threads", "1",
            "--precision", "fp32", "--json");
        Assert.Equal(0, outcome.ExitCode);
        Assert.Empty(outcome.Complaints);
        JsonNode speed = JsonNode.Parse(outcome.Out)!;
        Assert.Equal(
            [
                "preset", "level", "batch", "device", "precision", "threads", "subband", "torch", "steps", "seconds",
                "images_per_second", "peak_memory_bytes",
            ],
            speed.AsObject().Select(member => member.Key));
        Assert.Equal("lapgan-cifar10-paper", (string)speed["preset"]!);
        Assert.Equal(1, (int)speed["level"]!);
        Assert.Equal(8, (int)speed["batch"]!);
        Assert.Equal("fp32", (string)speed["precision"]!);
        Assert.Equal(1, (int)speed["threads"]!);
        Assert.Equal(2, (int)speed["steps"]!);
        Assert.Equal(16 / (double)speed["seconds"]!, (double)speed["images_per_second"]!, 6);
        Assert.InRange((long)speed["peak_memory_bytes"]!, 30L << 20, 4L << 30);
    }

    [Fact]
    public void A_class_conditional_preset_is_measured_as_a_whole_and_told_in_a_sentence()
    {
        Outcome outcome = SubbandProcess.Run(
            "bench", "train", "lapgan-cifar10", "--batch", "4", "--seconds", "0.01", "--warmup", "0", "--threads", "1", "--device", "cpu");
        Assert.Equal(0, outcome.ExitCode);
        Assert.Matches(
            @"^lapgan-cifar10: [0-9.]+ images/s, peak [0-9.]+ MiB \(1 step of 4 in [0-9.]+ s, cpu, 1 thread, (fp32|bf16)\)\n$", outcome.Out);
    }

    [Theory]
    [InlineData("bench train lapgan --steps 1", "There is no preset 'lapgan'. Did you mean")]
    [InlineData("bench train lapgan-cifar10 --level 3", "trainLevels is 3; this pyramid has levels 0 (the finest) to 2.")]
    [InlineData("bench train lapgan-cifar10 --seconds 0", "--seconds takes a number greater than 0, not '0'.")]
    [InlineData("bench train lapgan-cifar10 --steps 0", "--steps takes a whole number from 1")]
    [InlineData("bench", "subband bench takes a command: train, upscale.")]
    public void What_cannot_be_measured_is_named(string call, string message)
    {
        Outcome outcome = SubbandProcess.Run(call.Split(' '));
        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains(message, outcome.Messages, StringComparison.Ordinal);
        Assert.Empty(outcome.Out);
    }
}
