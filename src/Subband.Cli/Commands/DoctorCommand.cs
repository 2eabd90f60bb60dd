using System.CommandLine;
using System.Text.Json.Serialization;
using Subband.Cli.Common;
using Subband.Diagnostics;

namespace Subband.Cli.Commands;

/// <summary><c>subband doctor</c>: what this machine has and lacks. Ends with 1 if something vital is missing.</summary>
internal sealed partial class DoctorCommand : Verb
{
    private readonly Option<bool> _json = CommonOptions.Json();

    public DoctorCommand()
        : base("doctor", "Tell what this machine has and what is missing, with the remedies") =>
        Add(_json);

    protected override int Run(Invocation run)
    {
        MachineReport report = MachineReport.Gather();
        if (run.Get(_json))
        {
            run.WriteJson(report, ReportJson.Default.MachineReport);
        }
        else
        {
            new DoctorPage(run.Out, run.OutHasColour).Write(report);
        }

        return report.IsUsable ? ExitCodes.Done : ExitCodes.Failed;
    }

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
    [JsonSerializable(typeof(MachineReport))]
    private sealed partial class ReportJson : JsonSerializerContext;
}
