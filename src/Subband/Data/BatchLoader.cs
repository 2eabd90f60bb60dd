using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.ExceptionServices;
using Subband.Torch;

namespace Subband.Data;

/// <summary>
/// Makes the batches of a plan on background threads, ahead of their use, and hands them out in order.
/// </summary>
/// <remarks>
/// To continue after an interruption, save <see cref="Cursor"/> and give it to the next loader. The loader does not own the
/// source: dispose the loader first. One thread at a time may take batches.
/// </remarks>
public sealed class BatchLoader : IDisposable
{
    /// <summary>How many bytes of decoded images are kept in memory unless the caller says otherwise: 1 GiB.</summary>
    public const long DefaultCacheBytes = 1L << 30;

    private readonly object _gate = new();
    private readonly BatchBuilder _builder;
    private readonly ConcurrentBag<BatchBuffers> _pool = [];
    private readonly Dictionary<long, Outcome> _ready = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly Thread[] _threads;
    private readonly int _ahead;
    private long _cursor;
    private long _nextToBuild;
    private long _waited;

    /// <summary>Starts making batches.</summary>
    /// <param name="source">The images.</param>
    /// <param name="plan">Which images form which batch.</param>
    /// <param name="threads">How many threads make batches, at least 1. It has no influence on what is in them.</param>
    /// <param name="cursor">The number of the first batch to hand out; 0, or a saved <see cref="Cursor"/>.</param>
    /// <param name="cacheBytes">
    /// How many bytes of decoded images may be kept in memory, so that they are decoded once only; 0 keeps none.
    /// </param>
    /// <exception cref="UsageException">The plan is impossible, or does not suit the source.</exception>
    public BatchLoader(IImageSource source, BatchPlan plan, int threads = 1, long cursor = 0, long cacheBytes = DefaultCacheBytes)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(cursor);
        ArgumentOutOfRangeException.ThrowIfNegative(cacheBytes);
        Plan = plan;
        _builder = new BatchBuilder(source, plan, cacheBytes);
        _ahead = (2 * threads) + 1;
        _cursor = _nextToBuild = cursor;
        _threads = [.. Enumerable.Range(0, threads).Select(i => new Thread(Work) { IsBackground = true, Name = $"Subband data {i}" })];
        Array.ForEach(_threads, thread => thread.Start());
    }

    /// <summary>Which images form which batch.</summary>
    public BatchPlan Plan { get; }

    /// <summary>The number of the batch that <see cref="Next"/> will hand out: the state to save.</summary>
    public long Cursor
    {
        get
        {
            lock (_gate)
            {
                return _cursor;
            }
        }
    }

    /// <summary>How long <see cref="Next"/> has waited for batches so far, in seconds.</summary>
    public double WaitSeconds => Stopwatch.GetElapsedTime(0, Interlocked.Read(ref _waited)).TotalSeconds;

    /// <summary>Whether there was an image that no memory was left to keep, so that it is prepared anew whenever it is shown.</summary>
    public bool IsFull => _builder.IsFull;

    /// <summary>Hands out the next batch, and waits for it if it is not ready. Dispose it when its content was copied.</summary>
    /// <param name="cancellationToken">Stops the waiting; the cursor stays.</param>
    /// <exception cref="SubbandException">An image could not be reached; the message names it. The cursor stays.</exception>
    /// <exception cref="OperationCanceledException">The waiting was stopped.</exception>
    public ImageBatch Next(CancellationToken cancellationToken = default)
    {
        long begin = Stopwatch.GetTimestamp();
        try
        {
            return Take(cancellationToken);
        }
        finally
        {
            _ = Interlocked.Add(ref _waited, Stopwatch.GetTimestamp() - begin);
        }
    }

    /// <summary>Stops the threads; each finishes the image it is decoding.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_stop.IsCancellationRequested)
            {
                return;
            }

            _stop.Cancel();
            Monitor.PulseAll(_gate);
        }

        Array.ForEach(_threads, thread => thread.Join());
        _stop.Dispose();
    }

    private ImageBatch Take(CancellationToken cancellationToken)
    {
        using CancellationTokenRegistration wake = cancellationToken.Register(() =>
        {
            lock (_gate)
            {
                Monitor.PulseAll(_gate);
            }
        });
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_stop.IsCancellationRequested, this);
            Outcome outcome;
            while (!_ready.TryGetValue(_cursor, out outcome))
            {
                cancellationToken.ThrowIfCancellationRequested();
                _ = Monitor.Wait(_gate);
                ObjectDisposedException.ThrowIf(_stop.IsCancellationRequested, this);
            }

            // A failed batch stays, so that asking again fails again.
            outcome.Error?.Throw();
            _ = _ready.Remove(_cursor++);
            Monitor.PulseAll(_gate);
            return outcome.Batch!;
        }
    }

    private void Work()
    {
        while (ClaimBatch() is long number)
        {
            Outcome outcome = Build(number);
            lock (_gate)
            {
                _ready.Add(number, outcome);
                Monitor.PulseAll(_gate);
            }
        }
    }

    private long? ClaimBatch()
    {
        lock (_gate)
        {
            while (!_stop.IsCancellationRequested && _nextToBuild >= _cursor + _ahead)
            {
                _ = Monitor.Wait(_gate);
            }

            return _stop.IsCancellationRequested ? null : _nextToBuild++;
        }
    }

    private Outcome Build(long number)
    {
        try
        {
            BatchBuffers buffers = _pool.TryTake(out BatchBuffers? used) ? used : new BatchBuffers(Plan);
            _builder.Build(number, buffers, _stop.Token);
            return new Outcome(new ImageBatch(number, Plan, buffers, _pool), null);
        }
#pragma warning disable CA1031 // Whatever went wrong is thrown to the one who asks for this batch.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return new Outcome(null, ExceptionDispatchInfo.Capture(e));
        }
    }

    private readonly record struct Outcome(ImageBatch? Batch, ExceptionDispatchInfo? Error);
}
