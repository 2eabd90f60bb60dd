namespace Subband.Diagnostics;

/// <summary>What a machine has for Subband, and what it lacks. Gathering one needs neither libtorch nor libvips.</summary>
/// <param name="Versions">Subband, .NET and the operating system.</param>
/// <param name="Engine">libtorch and how it was found.</param>
/// <param name="Processor">The processor and what it can do.</param>
/// <param name="Memory">Main memory.</param>
/// <param name="Gpus">The CUDA devices that the engine can use.</param>
/// <param name="Images">libvips and the image files it reads.</param>
/// <param name="Caches">Where Subband keeps what it downloaded and compiled.</param>
/// <param name="Findings">What is missing or could be better, the vital first, each with its remedy.</param>
public sealed record MachineReport(
    VersionReport Versions,
    EngineReport Engine,
    ProcessorReport Processor,
    MemoryReport Memory,
    IReadOnlyList<GpuReport> Gpus,
    ImageReport Images,
    IReadOnlyList<CacheReport> Caches,
    IReadOnlyList<Finding> Findings)
{
    /// <summary>Whether everything is there without which nothing can be trained or sampled.</summary>
    public bool IsUsable => !Findings.Any(f => f.IsVital);

    /// <summary>Looks at this machine. Loads libtorch and libvips if they are there; takes about a second.</summary>
    public static MachineReport Gather()
    {
        ProcessorReport processor = ProcessorReport.Gather();
        EngineReport engine = EngineReport.Gather();
        IReadOnlyList<GpuReport> gpus = GpuReport.Gather(engine);
        ImageReport images = ImageReport.Gather();
        IReadOnlyList<CacheReport> caches = CacheReport.Gather();
        return new MachineReport(
            VersionReport.Gather(),
            engine,
            processor,
            MemoryReport.Gather(),
            gpus,
            images,
            caches,
            Diagnosis.Of(processor, engine, gpus, images, caches));
    }
}

/// <summary>Something that is missing or could be better.</summary>
/// <param name="Subject">What it is about, such as <c>libtorch</c>.</param>
/// <param name="IsVital">Whether nothing can be trained or sampled because of it.</param>
/// <param name="Problem">What was found and what will not work.</param>
/// <param name="Remedy">What to do.</param>
public sealed record Finding(string Subject, bool IsVital, string Problem, string Remedy);
