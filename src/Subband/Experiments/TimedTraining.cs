using Subband.Training;

namespace Subband.Experiments;

/// <summary>Trains a run until it has taken a time, counted over all processes that trained it, and goes on where it stands.</summary>
internal static class TimedTraining
{
    // No run of these experiments ends by its number of images.
    private const double NeverReached = 1e6;

    /// <summary>Trains, unless the run has taken that long already.</summary>
    /// <param name="request">What to train, and where; a run that is there goes on.</param>
    /// <param name="seconds">The time in all.</param>
    /// <param name="tell">Is told each step.</param>
    /// <param name="stop">Asks to finish the step, save and throw.</param>
    /// <exception cref="UsageException">The run that is there is of another preset, or was begun with other settings.</exception>
    /// <exception cref="Torch.SubbandException">The training failed.</exception>
    /// <exception cref="OperationCanceledException">It was asked to stop; the state is saved.</exception>
    public static void Run(TrainingRequest request, double seconds, Action<TrainingStepped> tell, CancellationToken stop)
    {
        bool goesOn = RunFolder.IsRun(request.Out);
        if (goesOn && RunFolder.CheckpointsOf(request.Out).Newest() is { } newest && newest.State.Seconds >= seconds)
        {
            return;
        }

        using TrainingJob job = TrainingJob.Prepare(request with { Resume = goesOn, Kimg = NeverReached });
        using CancellationTokenSource enough = CancellationTokenSource.CreateLinkedTokenSource(stop);
        try
        {
            job.Run(
                what =>
                {
                    if (what is TrainingStepped stepped)
                    {
                        tell(stepped);
                        if (stepped.Seconds >= seconds)
                        {
                            enough.Cancel();
                        }
                    }
                },
                enough.Token);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            // The time is over, and the state is saved.
        }
    }
}
