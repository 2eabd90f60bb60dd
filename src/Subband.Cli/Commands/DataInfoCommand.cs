using System.CommandLine;
using Subband.Cli.Common;
using Subband.Data;

namespace Subband.Cli.Commands;

/// <summary>
/// <c>subband data info SOURCE</c>: decodes every image and tells what is there and what is refused. Refused files are
/// what it is asked about, so they are no failure; not a single usable image is.
/// </summary>
internal sealed class DataInfoCommand : Verb
{
    private readonly Argument<string> _source = DataArguments.Source();
    private readonly Option<int?> _threads = CommonOptions.Threads();
    private readonly Option<bool> _json = CommonOptions.Json();

    public DataInfoCommand()
        : base("info", "Tell what is in a source of images: counts, sizes, classes, splits, and what is refused")
    {
        Add(_source);
        Add(_threads);
        Add(_json);
    }

    protected override int Run(Invocation run)
    {
        using IImageSource source = DataArguments.Open(run, run.Get(_source), defaultSplit: null, sayRefused: false);
        DataReport report = ProgressDisplay.Run(run, show => DataSurvey.Run(
            source, run.Get(_threads) ?? Environment.ProcessorCount, progress => show(progress.ToWork()), run.Cancellation));
        if (run.Get(_json))
        {
            run.Out.WriteLine(report.ToJson());
        }
        else
        {
            DataPage.Write(run.Out, report);
        }

        if (report.Examined > 0)
        {
            return ExitCodes.Done;
        }

        run.Messages.WriteLine($"subband: not one image of {report.Source} can be decoded.");
        return ExitCodes.Failed;
    }
}
