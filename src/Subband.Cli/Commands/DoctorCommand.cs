using Subband.Cli.Common;

namespace Subband.Cli.Commands;

internal sealed class DoctorCommand : Verb
{
    public DoctorCommand()
        : base("doctor", "Tell what this machine has and what is missing, with the remedies")
    {
        Add(CommonOptions.Json());
    }

    protected override int Run(Invocation run) => ExitCodes.Done;
}
