using System.Diagnostics;
using System.Globalization;
using Subband.Models;
using Subband.Torch;
using Subband.Training;

namespace Subband.TrainingHost;

/// <summary>
/// Trains the tiny model in a run folder, or goes on with it: <c>Subband.TrainingHost RUN [NAME=VALUE…]</c>. The
/// variable <c>SUBBAND_KILL_AT</c> makes it kill itself, as <c>kill -9</c> would, at the n-th place where a save can be cut off.
/// </summary>
public static class Program
{
    /// <summary>Names the place at which to die.</summary>
    public const string KillVariable = "SUBBAND_KILL_AT";

    /// <summary>Trains; 0 when done, 1 after an error, whose message is printed.</summary>
    public static int Main(string[] args)
    {
        ArgumentNullException.ThrowIfNull(args);
        ArmKill();
        try
        {
            using TinySource source = new();
            ModelSettings settings = args.Skip(1).Aggregate((ModelSettings)TinyFamily.Settings, SettingsTree.Apply);
            using RunFolder run = RunFolder.IsRun(args[0])
                ? RunFolder.Open(args[0], TinyFamily.Find)
                : RunFolder.Create(args[0], Config(source, settings));
            TrainingSession.Run(run, new TinyFamily(), source, Tell);
            return 0;
        }
        catch (SubbandException error)
        {
            Console.Error.WriteLine(error.Message);
            return 1;
        }
    }

    /// <summary>A complete configuration of the tiny model on the CPU, on one thread.</summary>
    public static RunConfig Config(TinySource source, ModelSettings? settings = null) => new()
    {
        Family = "tiny",
        Preset = "tiny-8",
        Seed = 7,
        Data = RunData.Of(source),
        Device = Device.Cpu,
        Precision = Precision.Fp32,
        Threads = 1,
        Settings = settings ?? TinyFamily.Settings,
    };

    private static void Tell(TrainingEvent what)
    {
        if (what is TrainingStarted or TrainingStepped or TrainingFinished)
        {
            Console.WriteLine(what.GetType().Name);
        }
    }

    private static void ArmKill()
    {
        if (int.TryParse(Environment.GetEnvironmentVariable(KillVariable), CultureInfo.InvariantCulture, out int left))
        {
            FaultPoint.Hook = _ =>
            {
                if (--left == 0)
                {
                    Process.GetCurrentProcess().Kill();
                    Thread.Sleep(Timeout.Infinite);
                }
            };
        }
    }
}
