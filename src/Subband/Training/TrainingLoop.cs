using System.Diagnostics;
using System.Globalization;
using Subband.Data;
using Subband.Imaging;
using Subband.Torch;

namespace Subband.Training;

/// <summary>
/// Trains until the target is reached: batch, step, report, sample sheet, checkpoint. It knows of no model and prints nothing.
/// </summary>
/// <remarks>
/// A stop is asked for through the cancellation token: the step is finished, the state saved, and
/// <see cref="OperationCanceledException"/> thrown. A failed save and a number that is not finite end the training at once; the
/// checkpoints before stay as they are.
/// </remarks>
internal sealed class TrainingLoop : IDisposable
{
    private readonly RunFolder _run;
    private readonly IImageSource _source;
    private readonly ITrainee _trainee;
    private readonly Generator _random;
    private readonly BatchLoader _loader;
    private readonly TrainingSettings _settings;
    private readonly Action<TrainingEvent> _tell;
    private readonly long _target;
    private readonly MeasureSums _sums;
    private readonly MeasureReader _measures;
    private readonly RunLog _log;
    private readonly Checkpoint? _from;
    private readonly Stopwatch _whole = new();
    private readonly Stopwatch _stepping = new();
    private readonly long _imagesAtStart;
    private string? _lastGood;
    private long _step;
    private long _savedStep;
    private long _imagesAtReport;
    private double _waitAtReport;
    private bool _isForgetfulnessTold;

    /// <summary>Prepares the training; everything is where the checkpoint left it already.</summary>
    /// <param name="run">Where everything is written.</param>
    /// <param name="source">The images.</param>
    /// <param name="trainee">What is trained.</param>
    /// <param name="random">The generator that the trainee draws from.</param>
    /// <param name="loader">Gives the batches, from these images.</param>
    /// <param name="from">The checkpoint that trainee, generator and loader were restored from; null for none.</param>
    /// <param name="tell">Is told what happens, on this thread.</param>
    /// <exception cref="SubbandException">The logs cannot be written.</exception>
    public TrainingLoop(
        RunFolder run,
        IImageSource source,
        ITrainee trainee,
        Generator random,
        BatchLoader loader,
        Checkpoint? from,
        Action<TrainingEvent> tell)
    {
        (_run, _source, _trainee, _random, _loader, _from, _tell) = (run, source, trainee, random, loader, from, tell);
        _settings = run.Config.Settings.Training;
        _target = Target(_settings);
        _lastGood = from?.Path;
        _step = _savedStep = from?.State.Step ?? 0;
        _sums = from?.State.Sums ?? new MeasureSums();
        _imagesAtStart = _imagesAtReport = trainee.Images;
        _measures = new MeasureReader(run.Config.Device, _sums);
        _log = new RunLog(run, _step, ImageFile.IsAvailable(out string reason) ? null : reason, tell);
    }

    /// <summary>How many images will have been shown at the end.</summary>
    public static long Target(TrainingSettings settings) => ToImages(settings.Kimg);

    /// <summary>Trains.</summary>
    /// <param name="stop">Asks to stop after the step.</param>
    /// <exception cref="OperationCanceledException">It was asked to stop; the state is saved.</exception>
    /// <exception cref="SubbandException">The data, a save or the training itself failed.</exception>
    public void Run(CancellationToken stop)
    {
        _whole.Start();
        if (_step == 0)
        {
            Sample(0);
        }

        while (_trainee.Images < _target)
        {
            long before = _trainee.Images;
            Step(stop);
            After(before, _trainee.Images);
            if (stop.IsCancellationRequested && _trainee.Images < _target)
            {
                SaveAndStop(stop);
            }
        }

        _tell(new TrainingFinished(_trainee.Images, Seconds));
    }

    /// <summary>Closes the logs.</summary>
    public void Dispose()
    {
        _measures.Dispose();
        _log.Dispose();
    }

    private double Seconds => (_from?.State.Seconds ?? 0) + _whole.Elapsed.TotalSeconds;

    private double OverallRate => (_trainee.Images - _imagesAtStart) / Math.Max(_whole.Elapsed.TotalSeconds, 1e-9);

    private void Step(CancellationToken stop)
    {
        long before = _trainee.Images;
        _stepping.Start();
        using (ImageBatch batch = Take(stop))
        using (TensorScope scope = new())
        {
            IReadOnlyList<Measure> measures = _trainee.Step(ToTensors(batch));
            if (_trainee.Images <= before)
            {
                throw new InvalidOperationException($"A step left the count of images at {before}; every step has to move it on.");
            }

            _step++;
            StopIfNonFinite(_measures.Add(_trainee.Images, measures));
        }

        _stepping.Stop();
    }

    private ImageBatch Take(CancellationToken stop)
    {
        try
        {
            return _loader.Next(stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            SaveAndStop(stop);
            throw;
        }
        catch (SubbandException dataError)
        {
            // The state is as good as it was: only the next images are missing.
            try
            {
                SaveUnlessSaved();
            }
            catch (SubbandException saveError)
            {
                throw new SubbandException($"{dataError.Message} {saveError.Message}", new AggregateException(dataError, saveError));
            }

            throw;
        }
    }

    private TrainingBatch ToTensors(ImageBatch batch)
    {
        Device device = _run.Config.Device;
        Tensor images = Tensor.From<float>(batch.Pixels, batch.Count, batch.Colour.Channels(), batch.Height, batch.Width); // [N, C, H, W]
        Tensor? labels = _run.Config.Data.Classes.Count > 0 ? Tensor.From<long>(batch.Labels, batch.Count) : null; // [N]
        Tensor? coarse = batch.CoarseHeight > 0 // [N, 3, h, w]
            ? Tensor.From<float>(batch.CoarsePixels, batch.Count, 3, batch.CoarseHeight, batch.CoarseWidth)
            : null;
        return new TrainingBatch(images.To(device), labels?.To(device), coarse?.To(device));
    }

    private void After(long before, long now)
    {
        bool isEnd = now >= _target;
        if (isEnd || Crosses(before, now, _settings.ReportKimg) is not null)
        {
            Report();
        }

        if (Crosses(before, now, _settings.SampleKimg) is { } sampleAt)
        {
            Sample(sampleAt);
            Validate();
        }
        else if (isEnd)
        {
            Sample(_target);
            Validate();
        }

        if (Crosses(before, now, _settings.CheckpointKimg) is { } saveAt)
        {
            Save(saveAt);
        }
        else if (isEnd)
        {
            Save(_target);
        }

        _tell(new TrainingStepped(now, _target, OverallRate, Seconds));
    }

    private void Report()
    {
        _stepping.Start();
        StopIfNonFinite(_measures.Read());
        _stepping.Stop();
        long images = _trainee.Images;
        double seconds = Math.Max(_stepping.Elapsed.TotalSeconds, 1e-9);
        _log.Add(new TrainingReport(
            _step,
            images / 1000.0,
            _sums.Means(),
            (images - _imagesAtReport) / seconds,
            Math.Clamp((_loader.WaitSeconds - _waitAtReport) / seconds, 0, 1),
            _source.Refused.Count,
            Engine.Memory().PeakLiveBytes,
            Environment.WorkingSet,
            Seconds,
            Math.Max(0, _target - images) / Math.Max(OverallRate, 1e-9)));
        TellOfForgetfulness();
        _sums.Clear();
        _stepping.Reset();
        _imagesAtReport = images;
        _waitAtReport = _loader.WaitSeconds;
    }

    // Reading and shrinking an image anew is quick; asking a network for it is not.
    private void TellOfForgetfulness()
    {
        if (!_isForgetfulnessTold && _loader.IsFull && _loader.Plan.Coarse?.Wanted is not null)
        {
            _isForgetfulnessTold = true;
            _tell(new TrainingWarning(
                $"training.cacheMib={_settings.CacheMib} is too little for what the teacher makes of all images, so that it makes part of it again in every "
                + "epoch, which is slow. Stop with Ctrl-C and go on with --resume --set training.cacheMib=… and more."));
        }
    }

    private void Sample(long nominalImages) => _log.AddSheet(_step, _trainee.Images, KimgName.Of(nominalImages), () =>
    {
        byte[] before = RandomState();
        Rgb8Image sheet = _trainee.SampleSheet();

        // How often samples are drawn may change on --resume, so it must not change the training.
        return RandomState().AsSpan().SequenceEqual(before)
            ? sheet
            : throw new InvalidOperationException("The sample sheet drew from the training's own generator; it needs one of its own.");
    });

    private void Validate()
    {
        Stopwatch watch = Stopwatch.StartNew();
        byte[] before = RandomState();
        IReadOnlyList<(string Name, double Value)> measures = _trainee.Validate();
        if (!RandomState().AsSpan().SequenceEqual(before))
        {
            throw new InvalidOperationException("The validation drew from the training's own generator; it needs one of its own.");
        }

        if (measures.Count > 0)
        {
            _log.Add(new ModelValidated(_step, _trainee.Images / 1000.0, measures, watch.Elapsed.TotalSeconds));
        }
    }

    private void SaveAndStop(CancellationToken stop)
    {
        SaveUnlessSaved();
        throw new OperationCanceledException(stop);
    }

    private void SaveUnlessSaved()
    {
        if (_step != _savedStep)
        {
            Save(_trainee.Images);
        }
    }

    private void Save(long nominalImages)
    {
        Stopwatch watch = Stopwatch.StartNew();
        StopIfNonFinite(_measures.Read());
        if (FirstNonFinite() is { } name)
        {
            throw new SubbandException($"Training stopped at {Kimg(_trainee.Images)} kimg: {name} is not finite. {Advice()}");
        }

        try
        {
            _log.Synchronise();
            _lastGood = _run.Checkpoints.Save(
                KimgName.Of(nominalImages), State(), _trainee.ModelTensors(), _trainee.ModelMetadata(), _trainee.OptimizerTensors()).Path;
            _savedStep = _step;
        }
        catch (SubbandException error)
        {
            throw new SubbandException(
                $"Training stopped at {Kimg(_trainee.Images)} kimg, because it could not be saved. {error.Message} {LastGood()} "
                + "When that is mended, continue with --resume.",
                error);
        }

        _tell(new CheckpointSaved(_lastGood, _trainee.Images / 1000.0, watch.Elapsed.TotalSeconds));
        _run.Checkpoints.Prune(_settings.KeepCheckpoints);
    }

    private TrainingState State() => new()
    {
        TorchVersion = Engine.TorchVersion,
        Images = _trainee.Images,
        Step = _step,
        Batch = _loader.Cursor,
        Seconds = Seconds,
        RandomDevice = _random.Device.Type,
        Random = RandomState(),
        Compute = ComputeSetup.Of(_run.Config),
        Counters = _trainee.Counters(),
        Sums = _sums,
    };

    private byte[] RandomState()
    {
        using Tensor state = _random.State();
        return state.ToArray<byte>();
    }

    private void StopIfNonFinite(NonFiniteMeasure? found)
    {
        if (found is not null)
        {
            string value = double.IsNaN(found.Value) ? "NaN" : "infinite";
            string where = FirstNonFinite() is { } name ? $"and {name} is the first tensor that is not finite" : "though all weights are finite still";
            throw new SubbandException($"Training stopped at {Kimg(found.Images)} kimg: {found.Name} is {value}, {where}. {Advice()}");
        }
    }

    private string? FirstNonFinite() =>
        FiniteCheck.FirstNonFinite(_trainee.ModelTensors()) is { } weight ? $"the weight {weight}"
        : FiniteCheck.FirstNonFinite(_trainee.OptimizerTensors()) is { } state ? $"the optimiser's {state}"
        : null;

    private string Advice() => LastGood() + (_run.Config.Precision == Precision.Bf16
        ? " Continue from there with --resume and a lower learning rate, or with --precision fp32."
        : " Continue from there with --resume and a lower learning rate.");

    private string LastGood() => _lastGood is null ? "No checkpoint had been saved yet." : $"The last good checkpoint is {_lastGood}.";

    // The multiple of an interval that lies in (before, now], the last if there are several; null for none.
    private static long? Crosses(long before, long now, double intervalKimg)
    {
        long interval = ToImages(intervalKimg);
        long last = now / interval;
        return last > before / interval ? last * interval : null;
    }

    private static long ToImages(double kimg) => Math.Max(1, (long)Math.Round(kimg * 1000));

    private static string Kimg(long images) => (images / 1000.0).ToString("0.###", CultureInfo.InvariantCulture);
}
