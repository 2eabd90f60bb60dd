using Subband.Data;
using Subband.Models;
using Subband.Torch;
using Subband.Torch.Serialization;

namespace Subband.Training;

/// <summary>Trains a run from its folder alone: begins it, or goes on where its newest checkpoint stands.</summary>
/// <remarks>
/// On the CPU, a run that was killed at any moment and goes on ends with the same bytes as one that was not, as long as
/// device, precision, number of threads and versions stay the same.
/// <code>
/// using IImageSource source = ImageSources.Open("cifar10#split=train");
/// using RunFolder run = RunFolder.Create("runs/mine", new RunConfig { … });
/// TrainingSession.Run(run, family, source, Console.WriteLine);
/// </code>
/// </remarks>
public static class TrainingSession
{
    // What the seed of the training's generator is derived for; initial weights and data have others.
    private const ulong RandomStream = 0x5452_4149;

    /// <summary>Trains until the run's <see cref="TrainingSettings.Kimg"/>.</summary>
    /// <param name="run">The run.</param>
    /// <param name="family">The family of its model.</param>
    /// <param name="source">Its images.</param>
    /// <param name="tell">Is told what happens, on this thread; null for nobody.</param>
    /// <param name="stop">Asks to finish the step, save and throw.</param>
    /// <exception cref="UsageException">The settings do not fit each other or the images.</exception>
    /// <exception cref="OperationCanceledException">It was asked to stop; the state is saved.</exception>
    /// <exception cref="SubbandException">
    /// The device is missing, the images are others than before, the newest checkpoint is damaged, a save failed, or a number
    /// was not finite.
    /// </exception>
    public static void Run(
        RunFolder run,
        IModelFamily family,
        IImageSource source,
        Action<TrainingEvent>? tell = null,
        CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(family);
        ArgumentNullException.ThrowIfNull(source);
        Run(run, run.Config, family, source, tell ?? (_ => { }), stop);
    }

    /// <summary>The same with a changed configuration, which is written when everything is where the checkpoint left it.</summary>
    internal static void Run(
        RunFolder run, RunConfig config, IModelFamily family, IImageSource source, Action<TrainingEvent> tell, CancellationToken stop)
    {
        Check(run.Path, config, family, source);
        Checkpoint? from = run.Checkpoints.Newest();
        long target = TrainingLoop.Target(config.Settings.Training);
        tell(new TrainingStarted(run.Path, from?.State.Images ?? 0, target, from?.Path));
        stop.ThrowIfCancellationRequested();

        Engine.Threads = config.Threads;
        BatchPlan plan = family.Plan(config.Settings, config.Seed);
        int dataThreads = config.Settings.Training.DataThreads;
        using Generator random = new(SeedOf(config.Seed, 0), config.Device);
        TrainingContext context = new(
            config.Device,
            config.Precision,
            config.Seed,
            random,
            config.Data.Classes,
            () => ImageStatistics.Of(
                source,
                plan,
                Math.Max(dataThreads, config.Threads), // meanwhile nothing else computes
                config.Device,
                (done, total) => tell(new ImagesMeasured(done, total)),
                stop));
        using ITrainee trainee = family.NewTrainee(config.Preset, config.Settings, context);
        if (from is not null)
        {
            Restore(from, trainee, random, run.Config, config, tell);
        }

        run.Update(config);
        if (from is not null && trainee.Images >= target)
        {
            tell(new TrainingFinished(trainee.Images, from.State.Seconds));
            return;
        }

        using BatchLoader loader = new(
            source, trainee.Complete(plan), dataThreads, from?.State.Batch ?? 0, (long)config.Settings.Training.CacheMib << 20);
        using TrainingLoop loop = new(run, source, trainee, random, loader, from, tell);
        loop.Run(stop);
    }

    /// <summary>Checks that a run can be trained here, on these images.</summary>
    /// <exception cref="UsageException">The settings do not fit each other or the images.</exception>
    /// <exception cref="SubbandException">The device is missing, or the images are others.</exception>
    internal static void Check(string run, RunConfig config, IModelFamily family, IImageSource source)
    {
        if (config.Family != family.Name)
        {
            throw new ArgumentException($"The run is of the family {config.Family}, not {family.Name}.", nameof(family));
        }

        if (config.Device.Type == DeviceType.Cuda && config.Device.Index >= Engine.CudaDevices)
        {
            throw new SubbandException($"The run {run} computes on {config.Device}, but {CudaHere()}. Give --device cpu to train it here.");
        }

        if (source.Fingerprint != config.Data.Fingerprint)
        {
            throw new SubbandException(
                $"The images of {source.Name} are not those that the run {run} was begun with: some were added, removed or changed. "
                + "Restore them, or begin a new run.");
        }

        SettingsTree.Check(config.Settings);
        family.Validate(config.Settings, config.Data.Classes);
        family.Plan(config.Settings, config.Seed).Validate();
    }

    private static string CudaHere() => Engine.CudaDevices switch
    {
        0 => "there is no CUDA device here",
        1 => "the only CUDA device here is cuda:0",
        int count => $"the CUDA devices here are cuda:0 to cuda:{count - 1}",
    };

    private static void Restore(
        Checkpoint from, ITrainee trainee, Generator random, RunConfig saved, RunConfig config, Action<TrainingEvent> tell)
    {
        TrainingState state = from.State;
        using TensorScope scope = new();
        using (TensorArchive model = TensorFile.Load(from.ModelPath))
        using (TensorArchive optimizer = TensorFile.Load(from.OptimizerPath))
        {
            trainee.Restore(model, optimizer, state.Counters);
        }

        if (state.RandomDevice == config.Device.Type)
        {
            random.Restore(Tensor.From<byte>(state.Random));
        }
        else
        {
            // The state of one kind of generator means nothing to another.
            random.Seed(SeedOf(config.Seed, (ulong)state.Step));
        }

        if (state.Version != ProductVersion.Text || state.TorchVersion != Engine.TorchVersion)
        {
            tell(new TrainingWarning(
                $"{from.Path} was written by Subband {state.Version} with libtorch {state.TorchVersion}; these are {ProductVersion.Text} and "
                + $"{Engine.TorchVersion}. The last bits of sums may differ from those of an uninterrupted run."));
        }

        string changes = ComputeSetup.Of(config).ChangesFrom(state.Compute ?? ComputeSetup.Of(saved));
        if (changes.Length > 0)
        {
            string effect = state.RandomDevice == config.Device.Type
                ? "The last bits of sums differ"
                : "Its random numbers begin a new sequence there";
            tell(new TrainingWarning(
                $"The run goes on from {from.Path} with {changes}. {effect}, so that it will not end bit by bit as it would have."));
        }
    }

    private static ulong SeedOf(ulong seed, ulong step) => SeededRandom.For(seed, RandomStream, step).NextUInt64();
}
