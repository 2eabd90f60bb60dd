using System.CommandLine;

namespace Subband.Cli.Commands;

/// <summary><c>subband bench …</c>: how fast this machine is.</summary>
internal sealed class BenchCommand : Command
{
    public BenchCommand()
        : base("bench", "Measure how fast this machine is")
    {
        Add(new BenchTrainCommand());
        Add(new BenchUpscaleCommand());
    }
}
