using System.CommandLine;

namespace Subband.Cli.Commands;

/// <summary><c>subband edit …</c>: directions of styles, how they are found and what they change.</summary>
internal sealed class EditCommand : Command
{
    public EditCommand()
        : base("edit", "Find directions along which a StyleGAN2's or SWAGAN's images change, and show what they change")
    {
        Add(new EditFindCommand());
        Add(new EditLearnCommand());
        Add(new EditShowCommand());
    }
}
