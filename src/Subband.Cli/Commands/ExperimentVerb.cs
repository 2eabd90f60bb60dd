using System.CommandLine;
using Subband.Cli.Common;
using Subband.Experiments;

namespace Subband.Cli.Commands;

/// <summary>What all experiments of <c>subband reproduce</c> share: their options, and how they are shown.</summary>
internal abstract class ExperimentVerb : Verb
{
    private const string Report = "report.md";
    private const string Numbers = "report.json";

    private readonly int _size;
    private readonly double _minutes;
    private readonly Option<string> _outOption = CommonOptions.Out(
        $"A folder for the runs and the report ({Report}); what an earlier call trained there goes on", "DIR");

    private readonly Option<long?> _sizeOption;
    private readonly Option<double?> _minutesOption;
    private readonly Option<long?> _seedOption = CommonOptions.Seed("Seed of every random choice");
    private readonly Option<DeviceChoice> _deviceOption = CommonOptions.Device();
    private readonly Option<PrecisionChoice> _precisionOption = CommonOptions.Precision();
    private readonly Option<int?> _threadsOption = CommonOptions.Threads();
    private readonly Option<SettingOption[]> _setOption = CommonOptions.Set();
    private readonly Option<bool> _jsonOption = CommonOptions.Json();

    /// <summary>Declares an experiment.</summary>
    /// <param name="name">What is typed.</param>
    /// <param name="description">One sentence for the help text.</param>
    /// <param name="size">The size of images unless told otherwise.</param>
    /// <param name="minutes">The minutes of each training unless told otherwise.</param>
    /// <param name="own">Options of its own.</param>
    protected ExperimentVerb(string name, string description, int size, double minutes, params Option[] own)
        : base(name, description)
    {
        (_size, _minutes) = (size, minutes);
        _sizeOption = CommonOptions.WholeNumber("--size", $"Side of the images in pixels: {string.Join(", ", Contestant.Sizes)} (default: {size})", 1, 1024);
        _minutesOption = CommonOptions.PositiveNumber("--minutes", $"How long each training takes (default: {minutes})");
        foreach (Option option in (Option[])
            [_outOption, .. own, _sizeOption, _minutesOption, _seedOption, _deviceOption, _precisionOption, _threadsOption, _setOption, _jsonOption])
        {
            Add(option);
        }
    }

    /// <summary>Does the experiment.</summary>
    /// <param name="run">The call.</param>
    /// <param name="common">What all experiments are told.</param>
    /// <returns>What was found.</returns>
    protected abstract TextTable Conduct(Invocation run, ExperimentOptions common);

    /// <inheritdoc/>
    protected sealed override int Run(Invocation run)
    {
        string folder = run.Get(_outOption);
        OutputFolder.Require(folder, _outOption.Name);
        OutputFolder.Make(folder);
        TextTable found = ProgressDisplay.Run(run, show => Conduct(run, new ExperimentOptions
        {
            Out = folder,
            Size = (int)(run.Get(_sizeOption) ?? _size),
            Seconds = 60 * (run.Get(_minutesOption) ?? _minutes),
            Seed = (ulong)(run.Get(_seedOption) ?? CommonOptions.StandardSeed),
            Device = run.Get(_deviceOption).Wanted(),
            Precision = run.Get(_precisionOption).Wanted(),
            Threads = run.Get(_threadsOption),
            Settings = [.. run.Get(_setOption).Select(setting => (setting.Name, setting.Value))],
            Progress = progress => show(new WorkDone(progress.Activity, progress.Done, progress.Total, progress.Unit, progress.Note)),
        }));
        run.Say($"the report is {Path.Combine(folder, Report)}");
        if (run.Get(_jsonOption))
        {
            run.Out.Write(File.ReadAllText(Path.Combine(folder, Numbers)));
        }
        else
        {
            found.Write(run.Out);
        }

        return ExitCodes.Done;
    }
}
