using System.Diagnostics;
using Subband.Torch;

namespace Subband.Upscaling;

/// <summary>Enlarges many photographs one after the other. One that fails stops none of the others.</summary>
public sealed class UpscaleBatch
{
    private readonly UpscalingModel _model;
    private readonly UpscaleSettings _settings;
    private readonly PhotographUpscaler _upscaler;

    /// <summary>Makes one.</summary>
    /// <param name="model">The model, which stays the caller's.</param>
    /// <param name="settings">How.</param>
    public UpscaleBatch(UpscalingModel model, UpscaleSettings settings) =>
        (_model, _settings, _upscaler) = (model, settings, new PhotographUpscaler(model, settings));

    /// <summary>Told how far the batch is; null for nobody.</summary>
    public Action<UpscaleProgress>? Progress { get; init; }

    /// <summary>Told what became of each photograph, as soon as it is known; null for nobody.</summary>
    public Action<UpscaleOutcome>? Finished { get; init; }

    /// <summary>Runs the batch.</summary>
    /// <param name="jobs">The photographs.</param>
    /// <param name="folder">
    /// The folder that remembers what is finished, so that a batch that was stopped goes on; null makes everything anew.
    /// </param>
    /// <param name="stop">Ends the batch; what is finished stays.</param>
    /// <exception cref="SubbandException">The folder cannot be made or written.</exception>
    public IReadOnlyList<UpscaleOutcome> Run(IReadOnlyList<UpscaleJob> jobs, string? folder, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(jobs);
        UpscaleLedger? ledger = folder is null ? null : OpenLedger(folder);
        long[] sizes = [.. jobs.Select(job => SizeOf(job.Input))];
        Clock clock = new(jobs.Count, sizes.Sum());
        List<UpscaleOutcome> outcomes = [];
        for (int i = 0; i < jobs.Count; i++)
        {
            stop.ThrowIfCancellationRequested();
            UpscaleOutcome outcome = RunOne(jobs[i], ledger, part => Progress?.Invoke(clock.Now(jobs[i].Input, sizes[i] * part)), stop);
            clock.Count(sizes[i], outcome);
            outcomes.Add(outcome);
            Finished?.Invoke(outcome);
            Progress?.Invoke(clock.Now(jobs[i].Input, 0));
        }

        return outcomes;
    }

    private static UpscaleLedger OpenLedger(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
            return UpscaleLedger.Open(folder);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new SubbandException($"--out {folder} cannot be made or read: {error.Message.TrimEnd('.')}.", error);
        }
    }

    private static long SizeOf(string path) => new FileInfo(path) is { Exists: true } file ? file.Length : 0;

    private UpscaleOutcome RunOne(UpscaleJob job, UpscaleLedger? ledger, Action<double> progress, CancellationToken stop)
    {
        Stopwatch watch = Stopwatch.StartNew();
        try
        {
            Photograph photograph = _upscaler.Open(job.Input);
            string key = ledger is null ? "" : UpscaleLedger.Key(photograph.Fingerprint(), _model, _settings, job.Format);
            if (ledger?.IsFinished(job.Output, key) == true)
            {
                return new UpscaleOutcome(job, UpscaleStatus.Skipped, null, null, watch.Elapsed.TotalSeconds);
            }

            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(job.Output))!);
            UpscaledFile result = _upscaler.Run(photograph, job.Output, job.Format, progress, stop);
            ledger?.Add(job.Output, key);
            return new UpscaleOutcome(job, UpscaleStatus.Done, result, null, watch.Elapsed.TotalSeconds);
        }
        catch (Exception error) when (error is SubbandException or IOException or UnauthorizedAccessException or OutOfMemoryException)
        {
            string text = error.Message.Contains(job.Input, StringComparison.Ordinal) ? error.Message : $"{job.Input}: {error.Message}";
            return new UpscaleOutcome(job, UpscaleStatus.Failed, null, text, watch.Elapsed.TotalSeconds);
        }
    }

    // Rate and time left, from what was made; results that were there already say nothing of either.
    private sealed class Clock(int count, long total)
    {
        private readonly Stopwatch _watch = Stopwatch.StartNew();
        private int _finished;
        private double _bytes;
        private double _bytesMade;
        private double _secondsSpent;
        private double _megapixels;

        public void Count(long bytes, UpscaleOutcome outcome)
        {
            _finished++;
            _bytes += bytes;
            if (outcome.Result is { } result)
            {
                _bytesMade += bytes;
                _secondsSpent += outcome.Seconds;
                _megapixels += result.Width * (double)result.Height / 1e6;
            }

            _watch.Restart();
        }

        public UpscaleProgress Now(string input, double part)
        {
            double made = _bytesMade + part;
            double spent = _secondsSpent + (part > 0 ? _watch.Elapsed.TotalSeconds : 0);
            double? left = made > 0 && spent > 0 ? (total - _bytes - part) * spent / made : null;
            return new UpscaleProgress(
                input, _finished, count, _bytes + part, total, _secondsSpent > 0 ? _megapixels / _secondsSpent : 0, left);
        }
    }
}
