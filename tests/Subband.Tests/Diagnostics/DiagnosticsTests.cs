using Subband.Diagnostics;

namespace Subband.Tests.Diagnostics;

public sealed class DiagnosticsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("subband-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_machine_can_be_looked_at_whatever_it_lacks()
    {
        MachineReport report = MachineReport.Gather();
        Assert.True(report.Processor.Threads >= 1);
        Assert.True(report.Memory.TotalBytes > 0);
        Assert.NotEmpty(report.Engine.Search);
        Assert.Equal(report.Engine.IsLoaded, report.IsUsable);
        Assert.All(report.Findings, f => Assert.NotEmpty(f.Remedy));
    }

    [Fact]
    public void The_processor_is_read_from_the_first_entry_of_cpuinfo()
    {
        string[] lines =
        [
            "processor\t: 0", "model name\t: AMD EPYC 9555", "flags\t\t: fpu avx2 avx512f avx512_bf16", "",
            "processor\t: 1", "model name\t: another", "flags\t\t: fpu",
        ];
        Assert.Equal(new ProcessorReport("AMD EPYC 9555", 2, true, true, true), ProcessorReport.Parse(lines, 2));
    }

    [Fact]
    public void A_processor_without_flags_has_no_features() =>
        Assert.Equal(new ProcessorReport("unknown", 1, false, false, false), ProcessorReport.Parse(["avx2"], 1));

    [Fact]
    public void Available_memory_is_given_in_bytes()
    {
        Assert.Equal(2_097_152, MemoryReport.Available(["MemTotal:  8192 kB", "MemAvailable:    2048 kB"]));
        Assert.Null(MemoryReport.Available(["MemTotal: 8192 kB"]));
    }

    [Fact]
    public void What_control_groups_leave_is_the_least_of_their_limits_less_what_they_use()
    {
        Write("memory.max", "9000\n");
        Write("memory.current", "2000\n");
        Write("a/b/memory.max", "5000\n");
        Write("a/b/memory.current", "4000\n");
        Write("a/b/memory.stat", "anon 3500\ninactive_anon 7\ninactive_file 300\n");
        Write("a/b/c/memory.max", "max\n");
        Write("a/b/c/memory.current", "4000\n");
        Assert.Equal(1300, Left("0::/a/b/c"));
        Assert.Equal(7000, Left("0::/a"));
        Assert.Equal(7000, Left("0::/"));
        Write("a/b/memory.current", "5500\n");
        Assert.Equal(0, Left("0::/a/b"));
        Assert.Null(Left("4:memory:/a/b"));

        long? Left(string line) => MemoryReport.LeftInGroups(_folder, ["1:cpu:/a", line]);

        void Write(string name, string text)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(_folder, name))!);
            File.WriteAllText(Path.Combine(_folder, name), text);
        }
    }

    [Fact]
    public void The_trail_of_the_launcher_becomes_steps() =>
        Assert.Equal(
            [new SearchStep("LIBTORCH", "not set"), new SearchStep("the system's, in /usr", "libtorch 1.13.0, CPU: fine")],
            EngineReport.ParseTrail("LIBTORCH: not set\n\nthe system's, in /usr: libtorch 1.13.0, CPU: fine\n"));

    [Theory]
    [InlineData("/usr/lib/x86_64-linux-gnu/blas/libblas.so.3.11.0", EngineReport.ReferenceBlas)]
    [InlineData("/usr/lib/x86_64-linux-gnu/openblas-openmp/libblas.so.3", "OpenBLAS")]
    [InlineData("/opt/intel/libmkl_rt.so.2", "MKL")]
    [InlineData("/opt/torch/lib/libtorch_cpu.so", null)]
    public void The_BLAS_is_told_from_the_mapped_libraries(string library, string? blas)
    {
        string maps = Path.Combine(_folder, "maps");
        File.WriteAllText(maps, $"7f00-7f01 r--p 00000000 00:00 0\n7f01-7f02 r-xp 00000000 fe:01 42    {library}\n");
        Assert.Equal(blas, EngineReport.LoadedBlas(EngineReport.MappedFiles(maps)));
    }

    [Fact]
    public void A_missing_engine_is_vital_and_its_remedy_fits_what_went_wrong()
    {
        Finding missing = Diagnosis.Engine(Engine(false, ("the system's, in /usr", "no headers (include/ATen/ATen.h)")))!;
        Assert.True(missing.IsVital);
        Assert.Contains("apt-get install g++ libtorch-dev", missing.Remedy, StringComparison.Ordinal);

        Finding told = Diagnosis.Engine(Engine(false, ("the compiler", "there is no 'c++'")) with { Remedy = "Install a compiler." })!;
        Assert.Equal("Install a compiler.", told.Remedy);

        Finding broken = Diagnosis.Engine(Engine(false, ("SUBBAND_NATIVE", "libtorch.so: cannot open shared object file")))!;
        Assert.StartsWith("Repair that installation", broken.Remedy, StringComparison.Ordinal);

        Assert.Null(Diagnosis.Engine(Engine(true)));
    }

    [Fact]
    public void The_reference_BLAS_is_noted_but_not_vital()
    {
        Finding note = Diagnosis.Blas(Engine(true) with { Blas = EngineReport.ReferenceBlas }, Modern)!;
        Assert.False(note.IsVital);
        Assert.Contains("libopenblas0-openmp", note.Remedy, StringComparison.Ordinal);
        Assert.Null(Diagnosis.Blas(Engine(true), Modern));
    }

    [Fact]
    public void An_OpenBLAS_that_does_not_know_a_modern_processor_is_noted_with_the_variable_that_helps()
    {
        EngineReport engine = Engine(true) with { BlasKernels = "Prescott" };
        Assert.Contains("OPENBLAS_CORETYPE=SkylakeX", Diagnosis.Blas(engine, Modern)!.Remedy, StringComparison.Ordinal);
        Assert.Contains("OPENBLAS_CORETYPE=Haswell", Diagnosis.Blas(engine, Modern with { HasAvx512 = false })!.Remedy, StringComparison.Ordinal);
        Assert.Null(Diagnosis.Blas(engine, Modern with { HasAvx2 = false, HasAvx512 = false }));
        Assert.Null(Diagnosis.Blas(engine with { BlasKernels = "SkylakeX" }, Modern));
    }

    [Fact]
    public void OpenBLAS_says_for_which_processor_it_multiplies()
    {
        EngineReport engine = EngineReport.Gather();
        Assert.SkipUnless(engine.IsLoaded && engine.Blas == "OpenBLAS", "libtorch multiplies with another library here.");
        string? told = Environment.GetEnvironmentVariable(OpenBlas.Variable);
        Assert.Matches(told is null ? "^[A-Za-z0-9]+$" : $"(?i)^{told}$", engine.BlasKernels!);
    }

    [Fact]
    public void A_oneDNN_that_convolves_wrongly_is_noted_with_what_it_does_wrong_and_the_way_out()
    {
        Finding note = Diagnosis.Convolutions("float32, convolution of 6 to 4 channels: the result is not finite")!;
        Assert.False(note.IsVital);
        Assert.Contains("6 to 4 channels: the result is not finite", note.Problem, StringComparison.Ordinal);
        Assert.Contains("LIBTORCH_USE_PYTORCH=1", note.Remedy, StringComparison.Ordinal);
        Assert.Null(Diagnosis.Convolutions(null));
    }

    [Fact]
    public void An_idle_GPU_is_noted_with_the_way_to_use_it()
    {
        Assert.Contains(
            "LIBTORCH_USE_PYTORCH", Diagnosis.Cuda(Engine(true), [], hasDriver: true)!.Remedy, StringComparison.Ordinal);
        Assert.Contains(
            "nvidia-smi", Diagnosis.Cuda(Engine(true) with { HasCuda = true }, [], hasDriver: true)!.Remedy, StringComparison.Ordinal);
        Assert.Null(Diagnosis.Cuda(Engine(true), [], hasDriver: false));
        Assert.Null(Diagnosis.Cuda(Engine(true) with { HasCuda = true }, [new GpuReport(0, "H200", 1L << 37)], hasDriver: true));
    }

    [Fact]
    public void A_machine_without_libvips_is_told_what_still_works()
    {
        Finding note = Diagnosis.Images(new ImageReport(false, "libvips is not installed. apt-get install libvips42", null, [], []))!;
        Assert.False(note.IsVital);
        Assert.Contains("packs", note.Problem, StringComparison.Ordinal);
        Assert.Contains("apt-get install libvips42", note.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void Only_the_folder_of_a_library_that_a_launcher_compiled_is_a_cache()
    {
        string library = Path.Combine(_folder, "native", "0123456789abcdef", "libsubband_native.so");
        Assert.Null(CacheReport.LauncherFolder(library));
        Directory.CreateDirectory(Path.GetDirectoryName(library)!);
        File.WriteAllText(library, "");
        Assert.Equal(Path.Combine(_folder, "native"), CacheReport.LauncherFolder(library));
        Assert.Null(CacheReport.LauncherFolder("/x/libsubband_native.so"));
        Assert.Null(CacheReport.LauncherFolder(null));
    }

    [Fact]
    public void A_cache_is_measured_with_all_its_folders_and_without_what_links_lead_to()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "cache", "a", "b"));
        File.WriteAllBytes(Path.Combine(_folder, "cache", "x"), new byte[100]);
        File.WriteAllBytes(Path.Combine(_folder, "cache", "a", "b", "y"), new byte[23]);
        File.WriteAllBytes(Path.Combine(_folder, "elsewhere"), new byte[1000]);
        File.CreateSymbolicLink(Path.Combine(_folder, "cache", "link"), Path.Combine(_folder, "elsewhere"));
        CacheReport cache = CacheReport.Measure("tests", Path.Combine(_folder, "cache"));
        Assert.Equal(123, cache.SizeBytes);
        Assert.True(cache.FreeBytes > 0);
    }

    [Fact]
    public void A_cache_that_does_not_exist_yet_is_empty_and_has_its_disks_space()
    {
        CacheReport cache = CacheReport.Measure("tests", Path.Combine(_folder, "not", "yet"));
        Assert.Equal(0, cache.SizeBytes);
        Assert.True(cache.FreeBytes > 0);
    }

    private static ProcessorReport Modern => new("a modern one", 2, HasAvx2: true, HasAvx512: true, HasBf16: false);

    private static EngineReport Engine(bool isLoaded, params (string Place, string Outcome)[] search) => new(
        isLoaded,
        isLoaded ? null : "It could not be loaded.",
        isLoaded ? "1.13.0" : null,
        false,
        isLoaded ? 2 : null,
        null,
        isLoaded ? "OpenBLAS" : null,
        isLoaded ? "SkylakeX" : null,
        isLoaded ? "oneDNN" : null,
        isLoaded ? "AVX-512" : null,
        isLoaded ? "this processor is no faster in bf16" : null,
        null,
        [.. search.Select(s => new SearchStep(s.Place, s.Outcome))],
        null);
}
