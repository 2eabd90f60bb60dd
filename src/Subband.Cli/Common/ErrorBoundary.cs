using System.CommandLine;
using Subband.Torch;

namespace Subband.Cli.Common;

/// <summary>
/// Where every error ends: as one or two plain lines on standard error and an exit code. Stack traces are for
/// <c>--verbose</c>.
/// </summary>
internal static class ErrorBoundary
{
    /// <summary>Runs a verb's work with signals turned into cancellation.</summary>
    public static int Run(ParseResult parse, Func<Invocation, int> work)
    {
        TextWriter messages = parse.InvocationConfiguration.Error;
        bool verbose = parse.GetValue(CommonOptions.Verbose);
        using StopSignals signals = new();
        using UnhandledErrors unhandled = new(messages, verbose);
        try
        {
            return work(new Invocation(parse, signals.Token));
        }
        catch (OperationCanceledException) when (signals.ExitCode is not null)
        {
            messages.WriteLine("subband: interrupted");
            return signals.ExitCode.Value;
        }
#pragma warning disable CA1031 // This is the one place where all errors end.
        catch (Exception error)
#pragma warning restore CA1031
        {
            return Report(error, messages, verbose);
        }
    }

    /// <summary>Tells an error and finds its exit code.</summary>
    internal static int Report(Exception thrown, TextWriter messages, bool verbose)
    {
        Exception error = Cause(thrown);
        string text = error switch
        {
            // These say what was found and what to do.
            SubbandException => error.Message,
            // .NET's own texts for these name the path and what the system answered.
            IOException or UnauthorizedAccessException => error.Message,
            OutOfMemoryException => "out of memory: " + error.Message,
            OperationCanceledException => "cancelled",
            _ => InternalError(error, verbose),
        };
        messages.WriteLine("subband: " + text);
        if (verbose)
        {
            messages.WriteLine(thrown);
        }

        return error is UsageException ? ExitCodes.Usage : ExitCodes.Failed;
    }

    private static string InternalError(Exception error, bool verbose)
    {
        string more = verbose ? "" : "; run again with --verbose for where";
        return $"internal error: {error.GetType().Name}: {error.Message}{more}";
    }

    /// <summary>The error that somebody threw on purpose, inside what threads and initialisers wrapped around it.</summary>
    private static Exception Cause(Exception error) => error switch
    {
        AggregateException many => Cause(
            many.Flatten().InnerExceptions.FirstOrDefault(e => e is SubbandException) ?? many.InnerExceptions[0]),
        TypeInitializationException { InnerException: { } inner } => Cause(inner),
        System.Reflection.TargetInvocationException { InnerException: { } inner } => Cause(inner),
        _ => error,
    };

    /// <summary>Reports errors that other threads let fall, which no <c>catch</c> can see, before they end the process.</summary>
    private sealed class UnhandledErrors : IDisposable
    {
        private readonly UnhandledExceptionEventHandler _handler;

        public UnhandledErrors(TextWriter messages, bool verbose)
        {
            _handler = (_, e) =>
            {
                int exitCode = e.ExceptionObject is Exception error ? Report(error, messages, verbose) : ExitCodes.Failed;
                messages.Flush();
                Environment.Exit(exitCode);
            };
            AppDomain.CurrentDomain.UnhandledException += _handler;
        }

        public void Dispose() => AppDomain.CurrentDomain.UnhandledException -= _handler;
    }
}
