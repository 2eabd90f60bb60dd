using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Spectre.Console;

namespace Subband.Cli.Common;

/// <summary>One call of a verb: what was asked, where answers go, and whether to stop.</summary>
internal sealed class Invocation
{
    private readonly ParseResult _parse;
    private readonly Lazy<IAnsiConsole> _terminal = new(() => AnsiConsole.Create(
        new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) }));

    /// <summary>Makes the invocation of a parsed command line.</summary>
    public Invocation(ParseResult parse, CancellationToken cancellation)
    {
        _parse = parse;
        Cancellation = cancellation;
    }

    /// <summary>Standard output: results, and nothing else.</summary>
    public TextWriter Out => _parse.InvocationConfiguration.Output;

    /// <summary>Standard error: messages and progress.</summary>
    public TextWriter Messages => _parse.InvocationConfiguration.Error;

    /// <summary>Cancelled by Ctrl-C or SIGTERM: finish the step, save, and throw.</summary>
    public CancellationToken Cancellation { get; }

    /// <summary>Whether the caller wants the details of errors.</summary>
    public bool Verbose => _parse.GetValue(CommonOptions.Verbose);

    /// <summary>
    /// Whether a person watches standard error, so that a progress bar makes sense; otherwise plain lines do.
    /// </summary>
    public bool IsWatched => ReferenceEquals(Messages, Console.Error) && Terminals.IsTerminal(Console.IsErrorRedirected);

    /// <summary>
    /// Standard error as a terminal for bars and colour (none if <c>NO_COLOR</c> is set). Asked for only while
    /// <see cref="IsWatched"/>, since merely loading it costs time.
    /// </summary>
    public IAnsiConsole Terminal => _terminal.Value;

    /// <summary>The value of an option, or its default.</summary>
    public T Get<T>(Option<T> option) => _parse.GetValue(option)!;

    /// <summary>The value of an argument, or its default.</summary>
    public T Get<T>(Argument<T> argument) => _parse.GetValue(argument)!;

    /// <summary>Whether an option stands on the command line, whatever its value.</summary>
    public bool IsGiven(Option option) => _parse.GetResult(option) is { Implicit: false };

    /// <summary>Writes a result to standard output as JSON, on lines for people to read.</summary>
    public void WriteJson<T>(T value, JsonTypeInfo<T> type) => Out.WriteLine(JsonSerializer.Serialize(value, type));
}
