using System.CommandLine;

namespace Subband.Cli.Commands;

/// <summary><c>subband reproduce …</c>: experiments that show what the papers claim, each with a small report.</summary>
internal sealed class ReproduceCommand : Command
{
    public ReproduceCommand()
        : base("reproduce", "Repeat an experiment of a paper here, and write a report of what was found")
    {
        Add(new ReproduceSingleImagesCommand());
        Add(new ReproduceComparisonCommand());
    }
}
