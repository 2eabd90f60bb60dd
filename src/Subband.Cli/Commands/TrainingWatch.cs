using Subband.Training;

namespace Subband.Cli.Commands;

/// <summary>Remembers of a training what has to be said at its end, whatever the end is.</summary>
internal sealed class TrainingWatch
{
    /// <summary>Images shown so far.</summary>
    public long Images { get; private set; }

    /// <summary>How many will have been shown at the end.</summary>
    public long TargetImages { get; private set; }

    /// <summary>The newest checkpoint; null for none.</summary>
    public string? Checkpoint { get; private set; }

    /// <summary>Seconds of training since the run began; known at the end.</summary>
    public double Seconds { get; private set; }

    /// <summary>Takes in what happened.</summary>
    public void See(TrainingEvent what)
    {
        switch (what)
        {
            case TrainingStarted started:
                (Images, TargetImages, Checkpoint) = (started.Images, started.TargetImages, started.Checkpoint);
                break;
            case TrainingStepped stepped:
                Images = stepped.Images;
                break;
            case CheckpointSaved saved:
                Images = (long)Math.Round(saved.Kimg * 1000);
                Checkpoint = saved.Path;
                break;
            case TrainingFinished finished:
                (Images, Seconds) = (finished.Images, finished.Seconds);
                break;
        }
    }
}
