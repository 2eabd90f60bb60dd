using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Subband.Torch.Native;

/// <summary>One place where the native library was looked for.</summary>
/// <param name="Origin">Why this place was tried, such as the name of an environment variable.</param>
/// <param name="Path">The file that was tried.</param>
/// <param name="Outcome"><c>loaded</c>, or the loader's own reason for the failure.</param>
public sealed record LoadAttempt(string Origin, string Path, string Outcome);

/// <summary>What happened when the native library was looked for.</summary>
/// <param name="Loaded">Whether the engine can be used.</param>
/// <param name="Attempts">Every place tried, in order.</param>
/// <param name="TorchVersion">The libtorch it was compiled against, such as <c>1.13.0</c>; null when not loaded.</param>
/// <param name="CudaBuilt">Whether that libtorch has CUDA.</param>
/// <param name="CudaDevices">How many CUDA devices can be used now.</param>
/// <param name="Failure">Why the engine cannot be used, and the remedy; null when it can.</param>
public sealed record LoadReport(
    bool Loaded,
    IReadOnlyList<LoadAttempt> Attempts,
    string? TorchVersion,
    bool CudaBuilt,
    int CudaDevices,
    string? Failure);

/// <summary>
/// Finds and checks <c>libsubband_native.so</c>. Nothing is loaded before the first tensor is made, and a failure is
/// remembered and thrown at that first use, so that commands that need no tensor work without libtorch.
/// </summary>
/// <remarks>
/// Search order: the file named by <c>SUBBAND_NATIVE</c> (set by the launcher), the application's own folder, then
/// <c>artifacts/native/current</c> of a source checkout above the application. Where the launcher has searched and found
/// none, nothing else is searched: that library is made for a libtorch that may not be the one asked for.
/// </remarks>
public static class TorchLibrary
{
    /// <summary>Names the file of the native library; set by the launcher after it has compiled it.</summary>
    public const string PathVariable = "SUBBAND_NATIVE";

    /// <summary>
    /// Holds the launcher's search for libtorch, an attempt a line, each <c>PLACE: OUTCOME</c>; set whether it found one
    /// or not.
    /// </summary>
    public const string TrailVariable = "SUBBAND_NATIVE_TRAIL";

    private const string FileName = "libsubband_native.so";

    private static readonly Lazy<(nint Handle, LoadReport Report)> Library = new(Load);

    /// <summary>Loads the native library if that has not been tried yet, and says how it went. Never throws.</summary>
    public static LoadReport TryLoad() => Library.Value.Report;

    /// <summary>Loads the native library or throws.</summary>
    /// <exception cref="EngineNotFoundException">It cannot be loaded; the message holds the trail and the remedy.</exception>
    public static void Require()
    {
        if (!Library.Value.Report.Loaded)
        {
            throw new EngineNotFoundException(Library.Value.Report);
        }
    }

#pragma warning disable CA2255 // the resolver has to be in place before any import of this assembly is used
    [ModuleInitializer]
    internal static void RegisterResolver() =>
        NativeLibrary.SetDllImportResolver(
            typeof(TorchLibrary).Assembly,
            static (name, _, _) => name == NativeMethods.Library ? RequiredHandle() : 0);
#pragma warning restore CA2255

    // What is thrown here reaches the caller of the native function, at its first call.
    private static nint RequiredHandle()
    {
        Require();
        return Library.Value.Handle;
    }

    private static (nint Handle, LoadReport Report) Load()
    {
        SpinningThreads.Limit();
        var attempts = new List<LoadAttempt>();
        foreach (var (origin, path) in Candidates())
        {
            if (!File.Exists(path))
            {
                attempts.Add(new LoadAttempt(origin, path, "there is no such file"));
                continue;
            }

            try
            {
                var handle = NativeLibrary.Load(path);
                return (handle, Check(handle, path, origin, attempts));
            }
            catch (Exception failure) when (failure is DllNotFoundException or BadImageFormatException)
            {
                attempts.Add(new LoadAttempt(origin, path, failure.Message.ReplaceLineEndings(" ")));
            }
        }

        return (0, new LoadReport(false, attempts, null, false, 0, "libtorch could not be loaded."));
    }

    private static IEnumerable<(string Origin, string Path)> Candidates()
    {
        if (Environment.GetEnvironmentVariable(PathVariable) is { Length: > 0 } named)
        {
            // A file named on purpose is the only candidate: falling back silently would run another libtorch.
            yield return (PathVariable, Path.GetFullPath(named));
            yield break;
        }

        if (Environment.GetEnvironmentVariable(TrailVariable) is { Length: > 0 })
        {
            yield break;
        }

        yield return ("beside the application", Path.Combine(AppContext.BaseDirectory, FileName));
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Subband.slnx")))
            {
                yield return ("the source checkout", Path.Combine(folder.FullName, "artifacts", "native", "current", FileName));
            }
        }
    }

    private static unsafe LoadReport Check(nint handle, string path, string origin, List<LoadAttempt> attempts)
    {
        LoadReport Refuse(string reason)
        {
            attempts.Add(new LoadAttempt(origin, path, reason));
            return new LoadReport(false, attempts, null, false, 0, reason);
        }

        const string rebuild = "Remove it and run ./subband again, which compiles it anew.";
        if (!NativeLibrary.TryGetExport(handle, "sb_initialise", out var initialise))
        {
            return Refuse($"{path} is not Subband's native library. {rebuild}");
        }

        NativeLibraryInfo info;
        var status = ((delegate* unmanaged<NativeLibraryInfo*, NativeStatus>)initialise)(&info);
        if (status != NativeStatus.Ok)
        {
            return Refuse($"{path} did not start: {ReasonOf(handle)} ({status}). {rebuild}");
        }

        if (info.AbiVersion != NativeMethods.AbiVersion
            || info.ValueSize != sizeof(NativeValue)
            || info.TensorInfoSize != sizeof(NativeTensorInfo)
            || info.MemoryInfoSize != sizeof(NativeMemoryInfo))
        {
            return Refuse(
                $"{path} has interface {info.AbiVersion} (structs {info.ValueSize}/{info.TensorInfoSize}/{info.MemoryInfoSize}), "
                + $"this Subband needs {NativeMethods.AbiVersion} "
                + $"({sizeof(NativeValue)}/{sizeof(NativeTensorInfo)}/{sizeof(NativeMemoryInfo)}). {rebuild}");
        }

        attempts.Add(new LoadAttempt(origin, path, "loaded"));
        var version = $"{info.TorchMajor}.{info.TorchMinor}.{info.TorchPatch}";
        return new LoadReport(true, attempts, version, info.CudaBuilt != 0, info.CudaDevices, null);
    }

    // Not by NativeError: its imports resolve to the library that is only being loaded here.
    private static unsafe string ReasonOf(nint handle) =>
        NativeLibrary.TryGetExport(handle, "sb_last_error", out var reason)
        && Marshal.PtrToStringUTF8((nint)((delegate* unmanaged<byte*>)reason)()) is { Length: > 0 } text
            ? text
            : "no reason given";
}

/// <summary>The engine is needed and cannot be loaded.</summary>
public sealed class EngineNotFoundException : SubbandException
{
    /// <summary>Makes the error from what was tried.</summary>
    /// <param name="report">The trail of attempts.</param>
    public EngineNotFoundException(LoadReport report)
        : base(Describe(report)) => Report = report;

    /// <summary>What was tried.</summary>
    public LoadReport Report { get; }

    private static string Describe(LoadReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        var trail = string.Concat(report.Attempts.Select(a => $"{Environment.NewLine}  {a.Origin}: {a.Path}: {a.Outcome}"));
        return (report.Failure ?? "libtorch could not be loaded.") + " Tried:" + trail + Environment.NewLine
            + "Run ./subband doctor for the remedy: install libtorch-dev, or set LIBTORCH to a libtorch folder, "
            + "or LIBTORCH_USE_PYTORCH=1 to use the one inside an installed PyTorch.";
    }
}
