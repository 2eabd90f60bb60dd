using System.Diagnostics;
using System.Globalization;
using Spectre.Console;
using Subband.Evaluation;

namespace Subband.Cli.Common;

/// <summary>How far some work has come.</summary>
/// <param name="Activity">What is being done, such as <c>Examining</c>.</param>
/// <param name="Done">How much is done.</param>
/// <param name="Total">How much there is; null where nobody knows.</param>
/// <param name="Unit">What is counted, in the plural; <c>bytes</c> are shown as MiB and the like.</param>
/// <param name="Note">More on how it goes, such as a rate.</param>
internal readonly record struct WorkDone(string Activity, double Done, double? Total, string Unit, string Note = "")
{
    /// <summary>The unit of bytes.</summary>
    public const string Bytes = "bytes";

    /// <summary>How far a measurement has come.</summary>
    /// <param name="progress">What it tells.</param>
    /// <param name="unit">What it counts, in the plural.</param>
    public static WorkDone Of(EvaluationProgress progress, string unit) => new(progress.Activity, progress.Done, progress.Total, unit);
}

/// <summary>
/// Shows on standard error how far work has come: bars with the time left where a person watches, elsewhere a plain line
/// now and then, and none for what is quickly done.
/// </summary>
internal static class ProgressDisplay
{
    /// <summary>Does some work and shows its progress.</summary>
    /// <param name="run">The call.</param>
    /// <param name="work">The work, done on this thread. What it is given may be called from any thread.</param>
    /// <returns>What the work returned.</returns>
    public static T Run<T>(Invocation run, Func<Action<WorkDone>, T> work)
    {
        if (!run.IsWatched)
        {
            return work(new Lines(run.Messages).Show);
        }

        return run.Draw(() => run.Terminal.Progress()
            .AutoClear(true)
            .HideCompleted(false)
            .Columns(
                new TaskDescriptionColumn { Alignment = Justify.Left },
                new ProgressBarColumn(),
                new PercentageColumn(),
                new RemainingTimeColumn())
            .Start(context => work(new Bars(context).Show)));
    }

    /// <summary>One bar for each activity.</summary>
    private sealed class Bars(ProgressContext context)
    {
        private readonly Dictionary<string, ProgressTask> _tasks = [];
        private readonly Lock _lock = new();

        public void Show(WorkDone work)
        {
            lock (_lock)
            {
                if (!_tasks.TryGetValue(work.Activity, out ProgressTask? task))
                {
                    task = context.AddTask(Markup.Escape(work.Activity));
                    _tasks.Add(work.Activity, task);
                }

                task.Description = Markup.Escape(work.Note.Length == 0 ? work.Activity : $"{work.Activity}, {work.Note}");
                task.IsIndeterminate = work.Total is null;
                task.MaxValue = work.Total ?? 1;
                // reports of several threads may overtake each other
                task.Value = work.Total is null ? 0 : Math.Max(task.Value, work.Done);
            }
        }
    }

    /// <summary>A line every ten seconds, the first after three, and none for what is just done.</summary>
    private sealed class Lines(TextWriter messages)
    {
        private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

        private readonly Stopwatch _clock = Stopwatch.StartNew();
        private readonly Lock _lock = new();
        private TimeSpan _next = TimeSpan.FromSeconds(3);

        public void Show(WorkDone work)
        {
            lock (_lock)
            {
                if (_clock.Elapsed < _next || work.Done >= work.Total)
                {
                    return;
                }

                _next = _clock.Elapsed + Pause;
                messages.WriteLine($"{work.Activity}: {Amount(work)}{(work.Note.Length == 0 ? "" : ", ")}{work.Note}");
            }
        }

        private static string Amount(WorkDone work)
        {
            string done = Number(work.Done, work.Unit);
            string unit = work.Unit == WorkDone.Bytes ? "" : " " + work.Unit;
            return work.Total is { } total ? $"{done} of {Number(total, work.Unit)}{unit}" : done + unit;
        }

        private static string Number(double value, string unit) => unit == WorkDone.Bytes
            ? Texts.Bytes((long)value)
            : value.ToString("#,0.##", CultureInfo.InvariantCulture);
    }
}
