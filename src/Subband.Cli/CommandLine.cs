using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Subband.Cli.Commands;
using Subband.Cli.Common;

namespace Subband.Cli;

/// <summary>The <c>subband</c> command.</summary>
internal static class CommandLine
{
    /// <summary>What people type.</summary>
    public const string Name = "subband";

    /// <summary>Parses and runs one call.</summary>
    /// <param name="arguments">What stands behind <c>subband</c>.</param>
    /// <param name="output">Where results go.</param>
    /// <param name="messages">Where messages go.</param>
    /// <returns>One of <see cref="ExitCodes"/>.</returns>
    public static int Run(string[] arguments, TextWriter output, TextWriter messages)
    {
        Command root = Build();
        // A path may begin with @; reading more arguments from a file of that name is nothing that anybody asked for.
        ParseResult parse = root.Parse(
            arguments.Length == 0 ? ["--help"] : arguments,
            new ParserConfiguration { ResponseFileTokenReplacer = null });
        parse.InvocationConfiguration.Output = output;
        parse.InvocationConfiguration.Error = messages;
        parse.InvocationConfiguration.EnableDefaultExceptionHandler = false;
        parse.InvocationConfiguration.ProcessTerminationTimeout = null;
        return parse.Action is ParseErrorAction ? UsageErrors.Report(parse) : parse.Invoke(parse.InvocationConfiguration);
    }

    /// <summary>
    /// All verbs. To add one, write <c>Commands/NameCommand.cs</c> with a class that extends <see cref="Verb"/> and list
    /// it here; help, errors, signals and exit codes come with it.
    /// </summary>
    private static Command Build() => new(Name, "Images made coarse to fine.")
    {
        // No RootCommand, because that one calls itself what the executable file is called.
        new HelpOption { Recursive = true },
        new VersionOption(),
        CommonOptions.Verbose,
        new DemoCommand(),
        new TrainCommand(),
        new SampleCommand(),
        new UpscaleCommand(),
        new EvaluateCommand(),
        new CompareCommand(),
        new BandsCommand(),
        new SpectrumCommand(),
        new ProjectCommand(),
        new EditCommand(),
        new ReproduceCommand(),
        new ExportCommand(),
        new ImportCommand(),
        new BenchCommand(),
        new PresetsCommand(),
        new SettingsCommand(),
        new DataCommand(),
        new DoctorCommand(),
    };
}
