using Spectre.Console;
using Subband.Cli.Common;
using Subband.Training;

namespace Subband.Cli.Commands;

/// <summary>
/// Runs a training and shows it: as JSON on standard output, as a board that is kept up to date where a person watches, else
/// as plain lines.
/// </summary>
internal static class TrainingView
{
    /// <summary>Trains.</summary>
    /// <param name="run">The call.</param>
    /// <param name="job">What to train.</param>
    /// <param name="json">Whether events are printed as JSON.</param>
    /// <param name="stop">Asks to finish the step, save and throw.</param>
    /// <exception cref="OperationCanceledException">It was asked to stop; where the run stands was said.</exception>
    public static TrainingWatch Run(Invocation run, TrainingJob job, bool json, CancellationToken stop)
    {
        TrainingWatch watch = new();
        TrainingJson? events = json ? new TrainingJson(run.Out) : null;
        try
        {
            if (events is not null)
            {
                events.Begin(job);
                Train(events.Show);
            }
            else if (run.IsWatched)
            {
                _ = run.Draw(() => run.Terminal.Live(new Text("")).Start(live =>
                {
                    Train(new TrainingBoard(run.Terminal, live, job.Config.Preset).Show);
                    return true;
                }));
            }
            else
            {
                Train(new TrainingLines(run.Messages).Show);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            if (events is not null)
            {
                events.Stop(watch);
            }
            else
            {
                run.Messages.WriteLine($"stopped at {Texts.Kimg(watch.Images)} kimg, "
                    + (watch.Checkpoint is null ? "before anything was learnt" : $"saved in {watch.Checkpoint}")
                    + $"; to go on: subband train --resume --out {job.Path}");
            }

            throw;
        }

        return watch;

        void Train(Action<TrainingEvent> show) => job.Run(
            what =>
            {
                watch.See(what);
                show(what);
            },
            stop);
    }
}
