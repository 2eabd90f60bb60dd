using Subband.Cli.Common;
using Subband.Diagnostics;

namespace Subband.Cli.Commands;

/// <summary>Lays out a <see cref="MachineReport"/> for people: a heading column, details below, findings last.</summary>
internal sealed class DoctorPage(TextWriter output, bool colour)
{
    private const int Indent = 12;

    public void Write(MachineReport report)
    {
        Line("subband", $"{report.Versions.Subband}, {report.Versions.Runtime}");
        Line("system", $"{report.Versions.OperatingSystem}, {report.Versions.Architecture}");
        WriteProcessor(report.Processor);
        WriteMemory(report.Memory);
        WriteEngine(report.Engine);
        WriteGpus(report);
        WriteImages(report.Images);
        WriteCaches(report.Caches);
        output.WriteLine();
        WriteFindings(report);
    }

    private void WriteProcessor(ProcessorReport processor) =>
        Line(
            "processor",
            $"{processor.Model}, {Texts.Count(processor.Threads, "thread")}; AVX2 {YesNo(processor.HasAvx2)}, "
                + $"AVX-512 {YesNo(processor.HasAvx512)}, BF16 {YesNo(processor.HasBf16)}");

    private void WriteMemory(MemoryReport memory) =>
        Line("memory", Texts.Bytes(memory.TotalBytes)
            + (memory.AvailableBytes is { } free ? $", {Texts.Bytes(free)} of it available" : ""));

    private void WriteEngine(EngineReport engine)
    {
        string details = engine.IsLoaded
            ? $"libtorch {engine.TorchVersion} ({(engine.HasCuda ? "CUDA" : "CPU")}), "
                + $"{Texts.Count(engine.Threads ?? 1, "thread")}, kernels for {engine.Kernels ?? "an unknown processor"}, "
                + $"{engine.Blas ?? "a built-in BLAS"}{(engine.BlasKernels is { } like ? $" for {like}" : "")}, convolutions by {engine.Convolutions}"
                + (engine.OwnConvolutions is { } own ? $", most of those of 3x3 and 1x1 by Subband ({own})" : "")
                + $"; {(engine.WhyNotBf16 is { } reason ? $"fp32 unless told otherwise, as {reason}" : "bf16 unless told otherwise")}"
            : Red("missing");
        Line("engine", details);
        foreach (SearchStep step in engine.Search)
        {
            Line("", step.Outcome.Length > 0 ? $"{step.Place}: {step.Outcome}" : step.Place);
        }
    }

    private void WriteGpus(MachineReport report)
    {
        if (report.Gpus.Count == 0)
        {
            Line("CUDA", "no device");
        }

        foreach (GpuReport gpu in report.Gpus)
        {
            Line(gpu.Index == 0 ? "CUDA" : "", $"cuda:{gpu.Index} {gpu.Name}, {Texts.Bytes(gpu.TotalBytes)}");
        }
    }

    private void WriteImages(ImageReport images) => Line(
        "images",
        images.IsAvailable
            ? $"libvips {images.VipsVersion} reads {string.Join(", ", images.Reads)}"
            : Yellow("libvips is missing"));

    private void WriteCaches(IReadOnlyList<CacheReport> caches)
    {
        string heading = "caches";
        foreach (CacheReport cache in caches)
        {
            string free = cache.FreeBytes is { } bytes ? $", {Texts.Bytes(bytes)} free" : "";
            Line(heading, $"{cache.Path}: {cache.Holds}, {Texts.Bytes(cache.SizeBytes)}{free}");
            heading = "";
        }
    }

    private void WriteFindings(MachineReport report)
    {
        foreach (Finding finding in report.Findings)
        {
            output.WriteLine($"{(finding.IsVital ? Red("missing") : Yellow("note"))}: {finding.Problem}");
            output.WriteLine($"  {finding.Remedy.ReplaceLineEndings("\n  ")}");
        }

        if (report.IsUsable)
        {
            output.WriteLine(Green("Everything vital is there."));
        }
    }

    private void Line(string heading, string text) => output.WriteLine($"{heading.PadRight(Indent)}{text}");

    private static string YesNo(bool value) => value ? "yes" : "no";

    private string Red(string text) => Paint(31, text);

    private string Green(string text) => Paint(32, text);

    private string Yellow(string text) => Paint(33, text);

    // Three colours are no reason to load a terminal library.
    private string Paint(int code, string text) => colour ? $"\e[{code}m{text}\e[0m" : text;
}
