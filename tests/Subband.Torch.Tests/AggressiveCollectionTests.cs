using System.Diagnostics;

namespace Subband.Torch.Tests;

/// <summary>
/// The other tests of this program again, in a process whose collector runs after every 64 KiB and whose code is
/// fully optimised from the start, so that an object is dead at its last use. A tensor that only the native side still
/// works with would be freed under it.
/// </summary>
public sealed class AggressiveCollectionTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(20);

    [Fact]
    [Trait("Category", "Long")]
    public async Task All_tests_pass_with_an_aggressive_collector()
    {
        var start = new ProcessStartInfo(
            Environment.ProcessPath!, ["-trait-", "Category=Long", "-noLogo", "-noColor"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment =
            {
                ["DOTNET_GCgen0size"] = "0x10000", // bytes; the runtime ignores smaller ones
                ["DOTNET_gcConcurrent"] = "0",
                ["DOTNET_TieredCompilation"] = "0",
            },
        };
        using var process = Process.Start(start)!;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Limit);
        var output = process.StandardOutput.ReadToEndAsync(limit.Token);
        var errors = process.StandardError.ReadToEndAsync(limit.Token);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        Assert.True(process.ExitCode == 0, $"exit code {process.ExitCode}\n{await output}\n{await errors}");
    }
}
