namespace Subband.Cli.Tests;

public class CommandLineTests
{
    [Fact]
    public void The_version_is_a_number_on_standard_output()
    {
        Outcome outcome = SubbandProcess.Run("--version");
        Assert.Equal(0, outcome.ExitCode);
        Assert.Matches(@"^\d+\.\d+\.\d+\S*\n$", outcome.Out);
        Assert.Empty(outcome.Messages);
    }

    [Theory]
    [InlineData]
    [InlineData("--help")]
    [InlineData("-h")]
    public void Help_lists_the_commands_under_the_name_that_people_type(params string[] arguments)
    {
        Outcome outcome = SubbandProcess.Run(arguments);
        Assert.Equal(0, outcome.ExitCode);
        Assert.Contains("subband [command] [options]", outcome.Out, StringComparison.Ordinal);
        Assert.Contains("doctor", outcome.Out, StringComparison.Ordinal);
        Assert.Empty(outcome.Messages);
    }

    [Fact]
    public void A_misspelt_command_exits_2_and_names_the_nearest()
    {
        Outcome outcome = SubbandProcess.Run("doctr");
        Assert.Equal(2, outcome.ExitCode);
        Assert.Empty(outcome.Out);
        Assert.Equal(
            ["subband: subband has no command 'doctr'. Did you mean 'doctor'?", "More: subband --help"],
            outcome.MessageLines);
    }

    [Fact]
    public void An_unknown_command_exits_2_and_lists_those_there_are()
    {
        Outcome outcome = SubbandProcess.Run("frobnicate");
        Assert.Equal(2, outcome.ExitCode);
        Assert.StartsWith("subband: subband has no command 'frobnicate'. There are: ", outcome.Messages, StringComparison.Ordinal);
        Assert.Contains("doctor", outcome.Messages, StringComparison.Ordinal);
    }

    [Fact]
    public void A_misspelt_option_exits_2_and_names_the_nearest_of_its_command()
    {
        Outcome outcome = SubbandProcess.Run("doctor", "--jsno");
        Assert.Equal(2, outcome.ExitCode);
        Assert.Equal(
            ["subband: subband doctor has no option '--jsno'. Did you mean '--json'?", "More: subband doctor --help"],
            outcome.MessageLines);
    }

    [Fact]
    public void An_argument_too_many_exits_2_and_is_named()
    {
        Outcome outcome = SubbandProcess.Run("doctor", "who");
        Assert.Equal(2, outcome.ExitCode);
        Assert.Equal("subband: subband doctor takes no argument 'who'.", outcome.MessageLines[0]);
    }

    [Fact]
    public void An_argument_that_begins_with_an_at_sign_is_not_read_as_a_file()
    {
        Outcome outcome = SubbandProcess.Run("doctor", "@photos");
        Assert.Equal("subband: subband doctor takes no argument '@photos'.", outcome.MessageLines[0]);
    }
}
