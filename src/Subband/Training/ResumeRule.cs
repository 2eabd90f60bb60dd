using System.Globalization;
using Subband.Models;
using Subband.Torch;

namespace Subband.Training;

/// <summary>What somebody asks for when a run goes on; null for what was not given.</summary>
public sealed record ResumeRequest
{
    /// <summary>The preset.</summary>
    public string? Preset { get; init; }

    /// <summary>The seed.</summary>
    public ulong? Seed { get; init; }

    /// <summary>The images, opened and fingerprinted.</summary>
    public RunData? Data { get; init; }

    /// <summary>Where to compute.</summary>
    public Device? Device { get; init; }

    /// <summary>In which precision to compute.</summary>
    public Precision? Precision { get; init; }

    /// <summary>How many threads compute.</summary>
    public int? Threads { get; init; }

    /// <summary>Single settings with their values, in the order given; of equal names the last counts.</summary>
    public IReadOnlyList<(string Name, string Value)> Settings { get; init; } = [];
}

/// <summary>Where the value of one option came from.</summary>
/// <param name="Name">The option or setting.</param>
/// <param name="Value">The value that holds from now on.</param>
/// <param name="Origin">Such as <c>from the command line (was 100 in the run)</c>.</param>
public sealed record ResumeLine(string Name, string Value, string Origin);

/// <summary>With which configuration a run goes on.</summary>
/// <param name="Config">All of it.</param>
/// <param name="Lines">Where it came from: each option that was given, then all others together.</param>
public sealed record ResumeDecision(RunConfig Config, IReadOnlyList<ResumeLine> Lines);

/// <summary>
/// The one rule of <c>--resume</c>: what is given on the command line holds, everything else comes from the run, and what
/// would break the saved state is refused.
/// </summary>
/// <remarks>
/// Refused are another preset or seed, other images, and every setting whose <see cref="SettingAttribute.ChangeableOnResume"/>
/// is not set. Images that have merely moved are recognised by their fingerprint. Another device, precision or number of
/// threads is allowed, but the result is then no longer bit by bit that of an uninterrupted run, which the training says when
/// it goes on.
/// </remarks>
public static class ResumeRule
{
    /// <summary>Decides.</summary>
    /// <param name="run">The run's path, for messages.</param>
    /// <param name="saved">The run's configuration.</param>
    /// <param name="request">What was asked for.</param>
    /// <exception cref="UsageException">A change would break the saved state, or a setting's name or value is wrong.</exception>
    public static ResumeDecision Decide(string run, RunConfig saved, ResumeRequest request)
    {
        ArgumentNullException.ThrowIfNull(saved);
        ArgumentNullException.ThrowIfNull(request);
        List<ResumeLine> lines = [];
        RequireSame("The preset", saved.Preset, request.Preset);
        RequireSame("The seed", Text(saved.Seed), request.Seed is { } seed ? Text(seed) : null);
        RunConfig config = saved with
        {
            Data = Data(),
            Device = request.Device ?? saved.Device,
            Precision = request.Precision ?? saved.Precision,
            Threads = request.Threads ?? saved.Threads,
            Settings = Settings(),
        };
        Tell("device", saved.Device.ToString(), request.Device?.ToString());
        Tell("precision", RunConfig.PrecisionName(saved.Precision), request.Precision is { } p ? RunConfig.PrecisionName(p) : null);
        Tell("threads", Text(saved.Threads), request.Threads is { } threads ? Text(threads) : null);
        lines.Add(new ResumeLine(lines.Count == 0 ? "everything" : "everything else", "", "from the run"));
        return new ResumeDecision(config, lines);

        void Tell(string name, string was, string? given)
        {
            if (given is not null)
            {
                lines.Add(new ResumeLine(name, given, given == was ? "as in the run" : $"from the command line (was {was} in the run)"));
            }
        }

        void RequireSame(string what, string was, string? given)
        {
            if (given is not null && given != was)
            {
                throw new UsageException($"{what} of the run {run} is {was} and cannot become {given}. {WayOut}");
            }
        }

        RunData Data()
        {
            if (request.Data is not { } given)
            {
                return saved.Data;
            }

            if (given.Fingerprint != saved.Data.Fingerprint || !given.Classes.SequenceEqual(saved.Data.Classes))
            {
                throw new UsageException(
                    $"The run {run} is trained on {saved.Data.Source}, and {given.Source} holds other images. {WayOut}");
            }

            Tell("data", saved.Data.Source, given.Source);
            return given;
        }

        ModelSettings Settings()
        {
            ModelSettings settings = saved.Settings;
            foreach ((string name, string value) in request.Settings.GroupBy(setting => setting.Name).Select(group => group.Last()))
            {
                Setting setting = SettingsTree.Find(settings.GetType(), name);
                settings = SettingsTree.Apply(settings, name, value);
                (string was, string now) = (setting.Text(saved.Settings), setting.Text(settings));
                if (now != was && !setting.ChangeableOnResume)
                {
                    throw new UsageException(
                        $"The setting {name} ({setting.Meaning}) of the run {run} is {was} and cannot become {now}, "
                        + $"because its saved state depends on it. {WayOut}");
                }

                Tell(name, was, now);
            }

            return settings;
        }
    }

    private const string WayOut = "Leave that option out to continue the run as it is, or begin a new run in another folder.";

    private static string Text(IFormattable value) => value.ToString(null, CultureInfo.InvariantCulture);
}
