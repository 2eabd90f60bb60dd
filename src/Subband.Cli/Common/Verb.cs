using System.CommandLine;

namespace Subband.Cli.Common;

/// <summary>
/// A command that does something. A subclass declares its options as fields, adds them in its constructor and does its
/// work in <see cref="Run"/>.
/// </summary>
/// <remarks>
/// <see cref="Run"/> is called on the main thread and stays on it; errors are thrown, not printed: see
/// <see cref="ErrorBoundary"/>. Constructors run at every start of the program, so they do no more than declare.
/// </remarks>
internal abstract class Verb : Command
{
    /// <summary>Declares a verb.</summary>
    /// <param name="name">What is typed.</param>
    /// <param name="description">One sentence for the help text.</param>
    protected Verb(string name, string description)
        : base(name, description) =>
        SetAction(parse => ErrorBoundary.Run(parse, Run));

    /// <summary>Does the work.</summary>
    /// <returns>One of <see cref="ExitCodes"/>.</returns>
    protected abstract int Run(Invocation run);
}
