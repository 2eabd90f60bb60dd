using Subband.Data;
using Subband.Torch.Native;

namespace Subband.Diagnostics;

/// <summary>Draws the conclusions of a <see cref="MachineReport"/>: what is missing, what follows, what to do.</summary>
internal static class Diagnosis
{
    private const long LittleSpace = 1L << 30;

    public static IReadOnlyList<Finding> Of(
        ProcessorReport processor,
        EngineReport engine,
        IReadOnlyList<GpuReport> gpus,
        ImageReport images,
        IReadOnlyList<CacheReport> caches)
    {
        Finding?[] findings =
        [
            Engine(engine),
            Blas(engine, processor),
            Convolutions(engine.ConvolutionFault),
            Cuda(engine, gpus, hasDriver: File.Exists("/proc/driver/nvidia/version")),
            Images(images),
            .. caches.Select(Space),
        ];
        return [.. findings.OfType<Finding>()];
    }

    internal static Finding? Engine(EngineReport engine)
    {
        if (engine.IsLoaded)
        {
            return null;
        }

        return new Finding(
            "libtorch",
            true,
            $"The engine cannot be used: {engine.Failure} Nothing can be trained, sampled or evaluated.",
            EngineRemedy(engine));
    }

    // The launcher knows why it has nothing to offer; else what the loader says (TorchLibrary) tells what to do.
    private static string EngineRemedy(EngineReport engine)
    {
        IReadOnlyList<SearchStep> search = engine.Search;
        if (engine.Remedy is { } remedy)
        {
            return remedy;
        }

        if (search.Any(s => s.Place.StartsWith(TorchLibrary.PathVariable, StringComparison.Ordinal)
            && s.Outcome == "there is no such file"))
        {
            return $"Unset {TorchLibrary.PathVariable}, so that ./subband finds or compiles the library itself.";
        }

        if (search.Any(s => s.Outcome.Contains("cannot open shared object file", StringComparison.Ordinal)))
        {
            return "Repair that installation of libtorch: a library that it needs is missing, named above.";
        }

        return "Install Debian's (apt-get install g++ libtorch-dev libopenblas0-openmp), or set LIBTORCH_USE_PYTORCH=1 to use "
            + "the one inside an installed PyTorch, or LIBTORCH=/path to a libtorch folder; then call ./subband again.";
    }

    internal static Finding? Blas(EngineReport engine, ProcessorReport processor) => engine switch
    {
        { Blas: EngineReport.ReferenceBlas } => new Finding(
            "BLAS",
            false,
            "libtorch multiplies matrices with the reference BLAS, many times slower than need be.",
            "Install OpenBLAS, which takes its place: apt-get install libopenblas0-openmp"),
        { BlasKernels: OpenBlas.Unknown } when processor.HasAvx2 => new Finding(
            "BLAS",
            false,
            $"The OpenBLAS of this libtorch does not know this processor, and multiplies matrices as on one of 2004 ({OpenBlas.Unknown}), slower than need be.",
            $"Set {OpenBlas.Variable}={(processor.HasAvx512 ? "SkylakeX" : "Haswell")}, or use a newer OpenBLAS."),
        _ => null,
    };

    /// <summary>What follows from a fault of oneDNN on this machine.</summary>
    /// <param name="fault">What it computes wrong; null if nothing.</param>
    internal static Finding? Convolutions(string? fault) => fault is null
        ? null
        : new Finding(
            "oneDNN",
            false,
            $"The oneDNN of this libtorch convolves wrongly, or not at all, on this processor ({fault}). It is switched off: results are "
                + "right, but convolutions take several times as long.",
            "Use another libtorch: set LIBTORCH_USE_PYTORCH=1 for the one inside an installed PyTorch, or LIBTORCH=/path. If you set DNNL_MAX_CPU_ISA or ONEDNN_MAX_CPU_ISA, unset it.");

    internal static Finding? Cuda(EngineReport engine, IReadOnlyList<GpuReport> gpus, bool hasDriver)
    {
        if (!engine.IsLoaded || gpus.Count > 0)
        {
            return null;
        }

        if (engine.HasCuda)
        {
            return new Finding(
                "CUDA",
                false,
                "libtorch has CUDA but sees no device, so everything runs on the processor.",
                "Check that nvidia-smi lists a device, and that CUDA_VISIBLE_DEVICES does not hide it.");
        }

        return hasDriver
            ? new Finding(
                "CUDA",
                false,
                "This machine has an NVIDIA driver, but the libtorch in use was built without CUDA.",
                "Set LIBTORCH_USE_PYTORCH=1 to use the libtorch of an installed PyTorch with CUDA, or LIBTORCH=/path to another.")
            : null;
    }

    internal static Finding? Images(ImageReport images)
    {
        if (!images.IsAvailable)
        {
            return new Finding(
                "libvips",
                false,
                "Image files can be neither read nor written; training works from packs (.safetensors) and synthetic images, "
                    + "without sample sheets.",
                images.Failure!);
        }

        return images.CannotRead.Count > 0
            ? new Finding(
                "libvips",
                false,
                $"This libvips cannot read {string.Join(", ", images.CannotRead)}; such files are refused by name.",
                "Install a libvips that was built with them; Debian's package libvips42 is.")
            : null;
    }

    internal static Finding? Space(CacheReport cache) => cache.FreeBytes < LittleSpace
        ? new Finding(
            "disk",
            false,
            $"Less than 1 GiB is free at {cache.Path} ({cache.Holds}).",
            cache.Path.StartsWith(Path.GetDirectoryName(DataCache.DefaultFolder)!, StringComparison.Ordinal)
                ? "Make room, or set XDG_CACHE_HOME to a folder on another disk."
                : "Make room there.")
        : null;
}
