using System.CommandLine;

namespace Subband.Cli.Common;

/// <summary>Tells what is wrong with a command line that does not parse.</summary>
internal static class UsageErrors
{
    /// <summary>One line on what is wrong, and one on where help is.</summary>
    public static int Report(ParseResult parse)
    {
        Command command = parse.CommandResult.Command;
        TextWriter messages = parse.InvocationConfiguration.Error;
        messages.WriteLine("subband: " + Describe(parse, command));
        messages.WriteLine($"More: {FullName(command)} --help");
        return ExitCodes.Usage;
    }

    private static string Describe(ParseResult parse, Command command)
    {
        string name = FullName(command);
        string? unknown = parse.UnmatchedTokens.Count > 0 ? parse.UnmatchedTokens[0] : null;
        bool choosesAmongCommands = command.Subcommands.Count > 0 && command.Action is null;
        if (unknown is not null && unknown.StartsWith('-'))
        {
            return $"{name} has no option '{unknown}'." + DidYouMean(unknown, OptionNames(parse.CommandResult));
        }

        if (choosesAmongCommands)
        {
            string[] names = [.. command.Subcommands.Where(c => !c.Hidden).Select(c => c.Name)];
            return unknown is null
                ? $"{name} takes a command: {string.Join(", ", names)}."
                : $"{name} has no command '{unknown}'." + (DidYouMean(unknown, names) is { Length: > 0 } hint
                    ? hint
                    : $" There are: {string.Join(", ", names)}.");
        }

        return unknown is not null
            ? $"{name} takes no argument '{unknown}'." + DidYouMean(unknown, OptionNames(parse.CommandResult))
            : parse.Errors[0].Message;
    }

    private static string DidYouMean(string given, IEnumerable<string> known) =>
        NearestName.Among(given, known) is { } name ? $" Did you mean '{name}'?" : "";

    private static IEnumerable<string> OptionNames(System.CommandLine.Parsing.CommandResult result)
    {
        IEnumerable<Option> own = result.Command.Options;
        IEnumerable<Option> inherited = result.Command.Parents.OfType<Command>()
            .SelectMany(parent => parent.Options.Where(o => o.Recursive));
        return own.Concat(inherited).Where(o => !o.Hidden).Select(o => o.Name);
    }

    private static string FullName(Command command) =>
        command.Parents.OfType<Command>().FirstOrDefault() is { } parent
            ? $"{FullName(parent)} {command.Name}"
            : CommandLine.Name;
}
