using System.Diagnostics;
using System.Globalization;

namespace Subband.Torch.Tests;

/// <summary>
/// The other tests of this program again, in a process that collects all the time (<see cref="ConstantCollector"/>) and
/// whose code is fully optimised from the start, so that an object is dead at its last use. A tensor that only the native
/// side still works with would be freed under it.
/// </summary>
public sealed class AggressiveCollectionTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(20);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

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
                [ConstantCollector.Variable] = _folder["collections"],
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
        Assert.InRange(int.Parse(await File.ReadAllTextAsync(_folder["collections"], limit.Token), CultureInfo.InvariantCulture), 1000, int.MaxValue);
    }
}
