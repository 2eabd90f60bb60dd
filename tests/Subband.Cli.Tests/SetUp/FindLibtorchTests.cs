using System.Runtime.Versioning;

namespace Subband.Cli.Tests.SetUp;

/// <summary>The search for libtorch, over folders that only look like one.</summary>
[SupportedOSPlatform("linux")]
public sealed class FindLibtorchTests : IDisposable
{
    private readonly ShellScripts _scripts = new();

    public void Dispose() => _scripts.Dispose();

    [Fact]
    public void A_folder_with_include_and_lib_is_taken_with_its_version()
    {
        string root = _scripts.FakeLibtorch("torch", "2", "6", "0");
        Outcome outcome = Find(new() { ["LIBTORCH"] = root });
        Assert.Equal(0, outcome.ExitCode);
        Assert.Equal($"{root}/include|{root}/lib|2.6.0|CPU", outcome.Out.Split('\n')[0]);
        Assert.Contains($"LIBTORCH={root}: libtorch 2.6.0, CPU, libraries in {root}/lib", outcome.Out, StringComparison.Ordinal);
    }

    [Fact]
    public void CUDA_libraries_make_it_a_CUDA_libtorch()
    {
        string root = _scripts.FakeLibtorch("torch", "2", "9", "1");
        File.WriteAllText(Path.Combine(root, "lib", "libtorch_cuda.so"), "");
        Assert.StartsWith($"{root}/include|{root}/lib|2.9.1|CUDA", Find(new() { ["LIBTORCH"] = root }).Out, StringComparison.Ordinal);
    }

    [Fact]
    public void The_version_is_found_where_newer_releases_keep_it()
    {
        string root = _scripts.FakeLibtorch("torch", "2", "10", "0", header: "torch/headeronly/version.h");
        Assert.Contains("|2.10.0|", Find(new() { ["LIBTORCH"] = root }).Out, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_named_on_purpose_is_not_replaced_by_another()
    {
        Outcome outcome = Find(new() { ["LIBTORCH"] = _scripts.Folder, ["LIBTORCH_USE_PYTORCH"] = "1" });
        Assert.Equal(1, outcome.ExitCode);
        Assert.Equal($"LIBTORCH={_scripts.Folder}: no headers (include/ATen/ATen.h)", outcome.Out.Trim());
    }

    [Fact]
    public void Headers_without_libraries_are_told_apart()
    {
        string root = _scripts.FakeLibtorch("torch", "2", "6", "0");
        Directory.Delete(Path.Combine(root, "lib"), recursive: true);
        Assert.Contains("headers, but no libraries", Find(new() { ["LIBTORCH"] = root }).Out, StringComparison.Ordinal);
    }

    [Fact]
    public void Links_into_another_folder_are_followed_as_a_distribution_lays_them()
    {
        string root = _scripts.FakeLibtorch("torch", "1", "13", "0");
        string real = Path.Combine(_scripts.Folder, "usr-lib");
        Directory.CreateDirectory(real);
        foreach (string library in Directory.GetFiles(Path.Combine(root, "lib")))
        {
            string target = Path.Combine(real, Path.GetFileName(library) + ".1.13");
            File.Move(library, target);
            File.CreateSymbolicLink(library, target);
        }

        Assert.StartsWith($"{root}/include|{real}|", Find(new() { ["LIBTORCH"] = root }).Out, StringComparison.Ordinal);
    }

    [Fact]
    public void PyTorch_is_found_by_the_interpreter_that_is_named()
    {
        string root = _scripts.FakeLibtorch("torch", "2", "6", "0");
        string python = _scripts.Command("python", $"echo {root}");
        Outcome outcome = Find(new() { ["LIBTORCH_USE_PYTORCH"] = "1", ["PYTHON"] = python });
        Assert.Equal(0, outcome.ExitCode);
        Assert.Contains($"LIBTORCH: not set\nLIBTORCH_USE_PYTORCH: {root}: libtorch 2.6.0", outcome.Out, StringComparison.Ordinal);
    }

    [Fact]
    public void A_Python_without_PyTorch_is_named()
    {
        string python = _scripts.Command("python", "exit 1");
        Outcome outcome = Find(new() { ["LIBTORCH_USE_PYTORCH"] = "1", ["PYTHON"] = python });
        Assert.Equal(1, outcome.ExitCode);
        Assert.Contains($"'{python}' has no PyTorch", outcome.Out, StringComparison.Ordinal);
    }

    private static Outcome Find(Dictionary<string, string?> environment)
    {
        environment.TryAdd("LIBTORCH", null);
        environment.TryAdd("LIBTORCH_USE_PYTORCH", null);
        const string script = """
            if find_libtorch; then echo "$TORCH_INCLUDE|$TORCH_LIB|$TORCH_VERSION|$TORCH_DEVICE"; found=0; else found=1; fi
            printf %s "$TORCH_TRAIL"
            exit $found
            """;
        return ShellScripts.Run("find-libtorch.sh", script, environment);
    }
}
