using System.Diagnostics;
using Subband.Torch.Native;

namespace Subband.Torch.Tests;

/// <summary>Our own convolutions on processors with less than this one has, which is settled when a process begins.</summary>
public class PlainerProcessorTests
{
    private const string Variable = "SUBBAND_CPU";

    [Theory]
    [InlineData("avx2", 1)]
    [InlineData("avx512", 2)]
    public async Task Convolutions_are_right_on_a_plainer_processor(string name, int level)
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable(Variable) is null, $"{Variable} says on which to test.");
        Assert.SkipUnless(Operators.Processor.CallForInteger() > level, "This processor has no more.");
        ProcessStartInfo start = new(Path.Combine(AppContext.BaseDirectory, "Subband.Torch.Tests"))
        {
            RedirectStandardOutput = true,
            ArgumentList = { "-noLogo", "-noColor", "-class", typeof(PackedFiltersTests).FullName! },
            Environment = { [Variable] = name },
        };
        using Process process = Process.Start(start)!;
        string output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.True(process.ExitCode == 0, output);
        Assert.Matches(@"Total: [1-9]", output);
    }
}
