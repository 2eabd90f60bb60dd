using Subband.Cli.Common;
using Subband.Torch;

namespace Subband.Cli.Tests.Common;

public class ErrorBoundaryTests
{
    public static TheoryData<Exception, int, string> Errors => new()
    {
        { new SubbandException("The file a.png is empty."), 1, "subband: The file a.png is empty." },
        { new UsageException("There is no preset 'x'."), 2, "subband: There is no preset 'x'." },
        { new IOException("No space left on device : '/full/x'"), 1, "subband: No space left on device : '/full/x'" },
        { new UnauthorizedAccessException("Access to the path '/x' is denied."), 1, "subband: Access to the path '/x' is denied." },
        { new OperationCanceledException(), 1, "subband: cancelled" },
        {
            new InvalidOperationException("Sequence contains no elements"),
            1,
            "subband: internal error: InvalidOperationException: Sequence contains no elements; run again with --verbose for where"
        },
        {
            new AggregateException(new InvalidOperationException(), new UsageException("There is no class 'x'.")),
            2,
            "subband: There is no class 'x'."
        },
        {
            new TypeInitializationException("Operators", new SubbandException("libtorch could not be loaded.")),
            1,
            "subband: libtorch could not be loaded."
        },
    };

    [Theory]
    [MemberData(nameof(Errors))]
    public void An_error_is_one_line_and_an_exit_code(Exception error, int exitCode, string line)
    {
        using StringWriter messages = new();
        Assert.Equal(exitCode, ErrorBoundary.Report(error, messages, verbose: false));
        Assert.Equal(line + Environment.NewLine, messages.ToString());
    }

    [Fact]
    public void Verbose_shows_where_an_error_arose()
    {
        using StringWriter messages = new();
        try
        {
            throw new SubbandException("It broke.");
        }
        catch (SubbandException error)
        {
            _ = ErrorBoundary.Report(error, messages, verbose: true);
        }

        Assert.StartsWith("subband: It broke.", messages.ToString(), StringComparison.Ordinal);
        Assert.Contains(nameof(Verbose_shows_where_an_error_arose), messages.ToString(), StringComparison.Ordinal);
    }
}
