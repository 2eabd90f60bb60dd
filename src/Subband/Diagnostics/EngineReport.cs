using System.Text.RegularExpressions;
using Subband.Torch;
using Subband.Torch.Native;

namespace Subband.Diagnostics;

/// <summary>One place where libtorch or the native library was looked for.</summary>
/// <param name="Place">What was looked at.</param>
/// <param name="Outcome">What was found there.</param>
public sealed record SearchStep(string Place, string Outcome);

/// <summary>The tensor engine: libtorch behind Subband's native library.</summary>
/// <param name="IsLoaded">Whether it can be used.</param>
/// <param name="Failure">Why not; null if it can.</param>
/// <param name="TorchVersion">The version of libtorch in use; null if none is.</param>
/// <param name="HasCuda">Whether that libtorch was built with CUDA.</param>
/// <param name="Threads">Threads that commands compute with unless told otherwise; null if the engine is not loaded.</param>
/// <param name="Kernels">The instruction set that libtorch chose its kernels for, such as <c>AVX2</c>; null if unknown.</param>
/// <param name="Blas">The library that multiplies matrices, such as <c>OpenBLAS</c>; null if it cannot be told.</param>
/// <param name="BlasKernels">The processor for whose like OpenBLAS multiplies them, in its own words, such as <c>SkylakeX</c>; null if it cannot be told.</param>
/// <param name="Convolutions">What computes convolutions on the processor, <c>oneDNN</c> or <c>libtorch's own code</c>; null if the engine is not loaded.</param>
/// <param name="OwnConvolutions">The instructions with which Subband itself computes most convolutions of 3×3 and 1×1; null where it leaves them to libtorch.</param>
/// <param name="WhyNotBf16">Why commands compute in single precision on the processor unless told otherwise; null if they do in bf16, or the engine is not loaded.</param>
/// <param name="ConvolutionFault">What oneDNN computes wrong here, for which it is switched off; null if nothing.</param>
/// <param name="Search">Every place that was looked at, in order.</param>
/// <param name="Remedy">What the launcher says would help; null if it has nothing to say.</param>
public sealed partial record EngineReport(
    bool IsLoaded,
    string? Failure,
    string? TorchVersion,
    bool HasCuda,
    int? Threads,
    string? Kernels,
    string? Blas,
    string? BlasKernels,
    string? Convolutions,
    string? OwnConvolutions,
    string? WhyNotBf16,
    string? ConvolutionFault,
    IReadOnlyList<SearchStep> Search,
    string? Remedy)
{
    /// <summary>The environment variable in which the launcher says what to do where it found no libtorch.</summary>
    public const string RemedyVariable = "SUBBAND_NATIVE_REMEDY";

    /// <summary>What libraries call Debian's plain BLAS, which multiplies matrices many times slower.</summary>
    internal const string ReferenceBlas = "reference BLAS";

    internal static EngineReport Gather()
    {
        LoadReport load = TorchLibrary.TryLoad();
        List<SearchStep> search = [.. ParseTrail(Environment.GetEnvironmentVariable(TorchLibrary.TrailVariable) ?? "")];
        search.AddRange(load.Attempts.Select(a => new SearchStep($"{a.Origin}, {a.Path}", a.Outcome)));
        if (!load.Loaded)
        {
            string? remedy = Environment.GetEnvironmentVariable(RemedyVariable) is { Length: > 0 } text ? text : null;
            return new EngineReport(false, load.Failure ?? "it cannot be loaded", null, false, null, null, null, null, null, null, null, null, search, remedy);
        }

        IReadOnlySet<string> mapped = MappedFiles("/proc/self/maps");
        ConvolutionLibrary convolutions = Engine.Convolutions;
        Match kernels = KernelLine().Match(Engine.Configuration());
        return new EngineReport(
            true,
            null,
            load.TorchVersion,
            load.CudaBuilt,
            ComputeChoice.Threads(null),
            kernels.Success ? kernels.Groups[1].Value : null,
            LoadedBlas(mapped),
            OpenBlas.Kernels(mapped),
            convolutions.HasOneDnn ? "oneDNN" : "libtorch's own code",
            Engine.OwnConvolutions,
            ComputeChoice.WhyNotBf16(Device.Cpu),
            convolutions.Fault,
            search,
            null);
    }

    internal static IEnumerable<SearchStep> ParseTrail(string trail)
    {
        foreach (string line in trail.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            int colon = line.IndexOf(": ", StringComparison.Ordinal);
            yield return colon < 0 ? new SearchStep(line, "") : new SearchStep(line[..colon], line[(colon + 2)..]);
        }
    }

    /// <summary>The files that Linux says are mapped into a process.</summary>
    /// <param name="maps">Its <c>maps</c>; there are none where there is no such file.</param>
    internal static IReadOnlySet<string> MappedFiles(string maps) => File.Exists(maps)
        ? File.ReadLines(maps).Select(line => (Line: line, Slash: line.IndexOf('/', StringComparison.Ordinal)))
            .Where(entry => entry.Slash >= 0)
            .Select(entry => entry.Line[entry.Slash..])
            .ToHashSet()
        : new HashSet<string>();

    /// <summary>Tells the BLAS from the libraries that are mapped into this process.</summary>
    internal static string? LoadedBlas(IReadOnlySet<string> files)
    {
        // libblas.so.3 is a name that several libraries go by, so what lies behind it counts; PyTorch's wheels hold
        // MKL or OpenBLAS inside libtorch itself and map neither.
        string? behindName = files.FirstOrDefault(f => Path.GetFileName(f).StartsWith("libblas.so", StringComparison.Ordinal));
        if (behindName is not null && Path.GetFileName(Path.GetDirectoryName(behindName)) == "blas")
        {
            return ReferenceBlas;
        }

        (string Part, string Name)[] known = [("openblas", "OpenBLAS"), ("mkl", "MKL"), ("blis", "BLIS"), ("atlas", "ATLAS")];
        return known.FirstOrDefault(k => files.Any(f => f.Contains(k.Part, StringComparison.OrdinalIgnoreCase))).Name;
    }

    [GeneratedRegex(@"CPU capability usage: (\S+)")]
    private static partial Regex KernelLine();
}
