using System.CommandLine;

namespace Subband.Cli.Commands;

/// <summary><c>subband data …</c>: what is about images only. It needs no libtorch.</summary>
internal sealed class DataCommand : Command
{
    public DataCommand()
        : base("data", "Examine images and pack them into one file")
    {
        Add(new DataInfoCommand());
        Add(new DataPackCommand());
    }
}
