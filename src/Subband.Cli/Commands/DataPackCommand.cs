using System.CommandLine;
using Subband.Cli.Common;
using Subband.Data;

namespace Subband.Cli.Commands;

/// <summary><c>subband data pack SOURCE --out FILE.safetensors</c>: all images, decoded, in one file that is a source itself.</summary>
internal sealed class DataPackCommand : Verb
{
    private readonly Argument<string> _source = DataArguments.Source();
    private readonly Option<string> _out = CommonOptions.Out("The pack to write; it appears when it is complete", "FILE.safetensors");
    private readonly Option<int?> _threads = CommonOptions.Threads();

    public DataPackCommand()
        : base("pack", "Write all images, decoded, into one file that needs no image library to be read")
    {
        Add(_source);
        Add(_out);
        Add(_threads);
    }

    protected override int Run(Invocation run)
    {
        string path = run.Get(_out);
        OutputFile.Require(path, ".safetensors");
        using IImageSource source = DataArguments.Open(run, run.Get(_source), defaultSplit: null, sayRefused: false);
        DataReport report = ProgressDisplay.Run(run, show => ImagePack.Write(
            source, path, run.Get(_threads) ?? Environment.ProcessorCount, progress => show(progress.ToWork()), run.Cancellation));
        DataPage.Write(run.Out, report);
        run.Out.WriteLine();
        run.Out.WriteLine($"packed {Texts.Count(report.Examined, "image")} into {path} ({Texts.Bytes(new FileInfo(path).Length)})");
        return ExitCodes.Done;
    }
}
