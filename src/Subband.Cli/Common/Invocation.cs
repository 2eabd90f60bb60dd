using System.CommandLine;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Spectre.Console;

namespace Subband.Cli.Common;

/// <summary>One call of a verb: what was asked, where answers go, and whether to stop.</summary>
internal sealed class Invocation
{
    private static readonly JsonWriterOptions ReadableJson = new()
    {
        Indented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, // nobody puts this into a web page
    };

    private readonly ParseResult _parse;
    private readonly HashSet<string> _said = [];
    private volatile bool _isDrawing;
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

    /// <summary>Whether results may be written in colour: a person watches, and <c>NO_COLOR</c> is not set.</summary>
    public bool OutHasColour => ReferenceEquals(Out, Console.Out) && Terminals.OutHasColour;

    /// <summary>
    /// Standard error as a terminal for bars and colour (none if <c>NO_COLOR</c> is set). Asked for only while
    /// <see cref="IsWatched"/>, since merely loading it costs time.
    /// </summary>
    public IAnsiConsole Terminal => _terminal.Value;

    /// <summary>
    /// Writes a line to standard error. While something is drawn at the foot of the terminal, it goes above that, where it
    /// stays; any thread may call.
    /// </summary>
    public void Say(string line)
    {
        if (_isDrawing)
        {
            Terminal.WriteLine(line);
        }
        else
        {
            Messages.WriteLine(line);
        }
    }

    /// <summary>Writes a line to standard error, unless this call has done so already.</summary>
    public void SayOnce(string line)
    {
        if (_said.Add(line))
        {
            Say(line);
        }
    }

    /// <summary>Does some work that draws on <see cref="Terminal"/> what it replaces over and over.</summary>
    public T Draw<T>(Func<T> work)
    {
        _isDrawing = true;
        try
        {
            return work();
        }
        finally
        {
            _isDrawing = false;
        }
    }

    /// <summary>The value of an option, or its default.</summary>
    public T Get<T>(Option<T> option) => _parse.GetValue(option)!;

    /// <summary>The value of an argument, or its default.</summary>
    public T Get<T>(Argument<T> argument) => _parse.GetValue(argument)!;

    /// <summary>Whether an option stands on the command line, whatever its value.</summary>
    public bool IsGiven(Option option) => _parse.GetResult(option) is { Implicit: false };

    /// <summary>Writes a result to standard output as JSON, indented, and with texts as they are wherever JSON allows.</summary>
    public void WriteJson<T>(T value, JsonTypeInfo<T> type)
    {
        using MemoryStream buffer = new();
        using (Utf8JsonWriter writer = new(buffer, ReadableJson))
        {
            JsonSerializer.Serialize(writer, value, type);
        }

        Out.WriteLine(Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length));
    }
}
