using System.Collections.Concurrent;
using Subband.Data;
using Subband.Imaging;
using Subband.Models;
using Subband.Torch;

namespace Subband.Training;

/// <summary>
/// A training of which everything is decided and checked, and nothing yet written or computed: what
/// <c>subband train</c> does, for programs.
/// </summary>
/// <remarks>
/// <code>
/// using TrainingJob job = TrainingJob.Prepare(new TrainingRequest
/// {
///     Preset = "lapgan-cifar10",
///     Data = "cifar10",
///     Out = "runs/mine",
/// });
/// job.Run(what => Console.WriteLine(what));
/// </code>
/// </remarks>
public sealed class TrainingJob : IDisposable
{
    private const ulong DefaultSeed = 1;

    // What does not fit data with classes fits no data.
    private static readonly string[] SomeClasses = ["one", "two"];

    private readonly IModelFamily _family;
    private readonly RunConfig? _saved;
    private readonly ConcurrentQueue<RefusedItem> _refused;

    private TrainingJob(
        string path,
        IModelFamily family,
        RunConfig config,
        RunConfig? saved,
        ResumeDecision? resumed,
        IImageSource source,
        ConcurrentQueue<RefusedItem> refused)
    {
        (Path, _family, Config, _saved, Resumed, Source, _refused) = (path, family, config, saved, resumed, source, refused);
    }

    /// <summary>The run's folder, an absolute path.</summary>
    public string Path { get; }

    /// <summary>The complete configuration.</summary>
    public RunConfig Config { get; }

    /// <summary>Which part of the configuration comes from where, when a run goes on; null for a new one.</summary>
    public ResumeDecision? Resumed { get; }

    /// <summary>The images.</summary>
    public IImageSource Source { get; }

    /// <summary>Decides and checks everything that can be before the first step: the quick and cheap first.</summary>
    /// <param name="request">What is wanted.</param>
    /// <param name="open">
    /// Opens the images of a name, and says what it refuses; null for <see cref="ImageSources.Open"/> with the split <c>train</c>,
    /// whose refusals <see cref="Run"/> tells as warnings.
    /// </param>
    /// <exception cref="UsageException">
    /// A preset, setting, class or folder is none that can be trained; the message names it and the nearest that can.
    /// </exception>
    /// <exception cref="SubbandException">
    /// The images or the run cannot be read, the folder cannot be written, or the device is missing.
    /// </exception>
    public static TrainingJob Prepare(TrainingRequest request, Func<string, IImageSource>? open = null)
    {
        ArgumentNullException.ThrowIfNull(request);
        ConcurrentQueue<RefusedItem> refused = [];
        open ??= spec => ImageSources.Open(spec, new ImageSourceOptions { DefaultSplit = "train", OnRefused = refused.Enqueue });
        return request.Resume ? GoOn(request, open, refused) : Begin(request, open, refused);
    }

    /// <summary>Trains until the target is reached. May be called once.</summary>
    /// <param name="tell">Is told what happens, on this thread; null for nobody.</param>
    /// <param name="stop">Asks to finish the step, save and throw.</param>
    /// <exception cref="OperationCanceledException">It was asked to stop; the state is saved.</exception>
    /// <exception cref="SubbandException">
    /// A file cannot be written, the newest checkpoint is damaged, the images went away, or a number was not finite.
    /// </exception>
    public void Run(Action<TrainingEvent>? tell = null, CancellationToken stop = default)
    {
        using RunFolder run = _saved is null ? RunFolder.Create(Path, Config) : Open(_saved);
        tell ??= _ => { };
        try
        {
            TrainingSession.Run(run, Config, _family, Source, Tell, stop);
        }
        finally
        {
            TellRefused();
        }

        // Images are refused on threads of their own, and told on this one.
        void Tell(TrainingEvent what)
        {
            TellRefused();
            tell(what);
        }

        void TellRefused()
        {
            while (_refused.TryDequeue(out RefusedItem? item))
            {
                tell(new TrainingWarning($"refused {item.Name}: {item.Reason}"));
            }
        }
    }

    /// <summary>Closes the images.</summary>
    public void Dispose() => Source.Dispose();

    private static TrainingJob Begin(TrainingRequest request, Func<string, IImageSource> open, ConcurrentQueue<RefusedItem> refused)
    {
        string name = request.Preset
            ?? throw new UsageException("A new run needs a preset: 'subband presets' lists them. To go on with a run, add --resume.");
        string data = request.Data ?? throw new UsageException("A new run needs images: give --data SOURCE.");
        (IModelFamily family, Preset preset) = ModelRegistry.Preset(name);
        ModelSettings settings = request.AllSettings(family, name)
            .Aggregate(preset.Settings, (changed, setting) => SettingsTree.Apply(changed, setting.Name, setting.Value));
        family.Validate(settings, SomeClasses);
        string path = RunFolder.RequireNew(request.Out, name);
        Device device = ComputeChoice.Device(request.Device);
        int threads = ComputeChoice.Threads(request.Threads);
        IImageSource source = open(data);
        try
        {
            RunConfig config = new()
            {
                Family = family.Name,
                Preset = name,
                Seed = request.Seed ?? DefaultSeed,
                Data = RunData.Of(source),
                Device = device,
                Precision = request.Precision ?? ComputeChoice.Precision(device),
                Threads = threads,
                Settings = settings,
            };
            TrainingSession.Check(path, config, family, source);
            RequireAnImage(source);
            family.RequireFiles(settings, device);
            return new TrainingJob(path, family, config, saved: null, resumed: null, source, refused);
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    private static TrainingJob GoOn(TrainingRequest request, Func<string, IImageSource> open, ConcurrentQueue<RefusedItem> refused)
    {
        string path = RunFolder.RequireRun(request.Out);
        RunConfig saved = RunFolder.ReadConfig(path, ModelRegistry.Family);
        IModelFamily family = ModelRegistry.Family(saved.Family);
        ResumeRequest asked = new()
        {
            Preset = request.Preset,
            Seed = request.Seed,
            Device = request.Device is { } wanted ? ComputeChoice.Device(wanted) : null,
            Precision = request.Precision,
            Threads = request.Threads is { } threads ? ComputeChoice.Threads(threads) : null,
            Settings = request.AllSettings(family, saved.Preset),
        };
        ResumeDecision decision = ResumeRule.Decide(path, saved, asked);
        family.Validate(decision.Config.Settings, saved.Data.Classes);
        IImageSource source = request.Data is { } data ? open(data) : Reopen(saved.Data.Source, open);
        try
        {
            if (request.Data is not null)
            {
                decision = ResumeRule.Decide(path, saved, asked with { Data = RunData.Of(source) });
            }

            TrainingSession.Check(path, decision.Config, family, source);
            return new TrainingJob(path, family, decision.Config, saved, decision, source, refused);
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    // Found out at the first batch, it would leave a run without a step that stands in the way of the next attempt.
    private static void RequireAnImage(IImageSource source)
    {
        long count = source.Count ?? 1;
        string? first = null;
        for (long item = 0; item < count; item++)
        {
            try
            {
                _ = source.Read(item);
                return;
            }
            catch (ImageFileException e) when (e.Reason is not null)
            {
                first ??= $"{source.ItemName(item)}, for one, {e.Reason}";
            }
        }

        throw new SubbandException($"None of the {count} images of {source.Name} can be decoded; {first}");
    }

    private static IImageSource Reopen(string data, Func<string, IImageSource> open)
    {
        try
        {
            return open(data);
        }
        catch (SubbandException error)
        {
            throw new SubbandException($"{error.Message} If the images have moved, give their new place with --data.", error);
        }
    }

    private RunFolder Open(RunConfig saved)
    {
        RunFolder run = RunFolder.Open(Path, ModelRegistry.Family);
        try
        {
            // Until now nobody was kept from training it.
            if (run.Config.ToJson() != saved.ToJson())
            {
                throw new SubbandException($"The configuration of the run {Path} has changed in the last moments. Try again.");
            }

            return run;
        }
        catch
        {
            run.Dispose();
            throw;
        }
    }
}
