using System.Runtime.Versioning;

namespace Subband.Cli.Tests.SetUp;

/// <summary>What the first call of <c>./subband</c> installs and builds, and when a later call does so again.</summary>
[SupportedOSPlatform("linux")]
public sealed class SetUpTests : IDisposable
{
    private const string NothingIsThere = """
        find_libtorch() { return 1; }
        _has_library() { return 1; }
        _uses_reference_blas() { return 0; }
        command() { [ "$2" != c++ ] && builtin command "$@"; }
        """;

    private readonly ShellScripts _scripts = new();

    public void Dispose() => _scripts.Dispose();

    [Theory]
    [InlineData("none")]
    [InlineData("none", "--version")]
    [InlineData("none", "train", "lapgan-cifar10", "--help")]
    [InlineData("none", "trian", "lapgan-cifar10")]
    [InlineData("report", "doctor", "--json")]
    [InlineData("report", "--verbose", "doctor")]
    [InlineData("images", "data", "info", "photos")]
    [InlineData("engine", "train", "lapgan-cifar10")]
    [InlineData("engine", "sample", "--", "--help")]
    public void Only_calls_that_need_the_engine_wait_for_it(string need, params string[] arguments)
    {
        Outcome outcome = SubbandProcess.Start(
            "/bin/bash", [], ["-c", $". '{TestData.RepositoryRoot}/eng/verbs.sh'; engine_need \"$@\"", "test", .. arguments]);
        Assert.Equal(need, outcome.Out.Trim());
    }

    [Fact]
    public void Every_verb_of_the_command_line_is_known_to_the_launchers()
    {
        Outcome help = SubbandProcess.Run("--help");
        string[] verbs = [.. help.Out.Split('\n')
            .SkipWhile(line => !line.StartsWith("Commands:", StringComparison.Ordinal)).Skip(1)
            .Select(line => line.Trim().Split(' ')[0]).Where(word => word.Length > 0)];
        Assert.Contains("train", verbs);
        string[] none = [.. verbs.Where(verb => ShellScripts.Run("verbs.sh", $"engine_need {verb}").Out.Trim() == "none")];
        Assert.Equal(["presets", "settings"], none.Order());
    }

    [Fact]
    public void Without_rights_the_exact_command_is_printed_and_nothing_is_tried()
    {
        Outcome outcome = Install("install_missing_packages", user: 1000);
        Assert.Equal(1, outcome.ExitCode);
        Assert.Contains("g++ ", outcome.Messages, StringComparison.Ordinal);
        Assert.Contains("the compiler for native/", outcome.Messages, StringComparison.Ordinal);
        Assert.EndsWith(
            "Run:\n  sudo apt-get install -y --no-install-recommends g++ libtorch-dev libopenblas0-openmp libvips42\n",
            outcome.Messages,
            StringComparison.Ordinal);
        Assert.Empty(Installed());
    }

    [Fact]
    public void With_rights_what_is_missing_is_named_with_its_reason_and_installed()
    {
        Outcome outcome = Install("install_missing_packages", user: 0);
        Assert.Equal(0, outcome.ExitCode);
        Assert.Contains("missing on this machine:", outcome.Messages, StringComparison.Ordinal);
        Assert.Contains(
            "install -y --no-install-recommends g++ libtorch-dev libopenblas0-openmp libvips42 -o DPkg::Lock::Timeout=300", Installed());
    }

    [Fact]
    public void An_installation_that_fails_shows_why_and_fails()
    {
        Outcome outcome = Install("install_missing_packages", user: 0, aptGet: "echo 'E: no such mirror' >&2; exit 100");
        Assert.Equal(1, outcome.ExitCode);
        Assert.Contains("E: no such mirror", outcome.Messages, StringComparison.Ordinal);
    }

    [Fact]
    public void Data_alone_asks_for_the_image_library_once_and_for_nothing_else()
    {
        string lines = $"install_image_library_once '{_scripts.Folder}' || echo failed";
        Outcome first = Install(lines, user: 0, aptGet: "exit 100");
        Assert.Contains(" libvips42 ", Assert.Single(Installed(), line => line.StartsWith("install", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.DoesNotContain("g++", first.Messages, StringComparison.Ordinal);
        int calls = Installed().Length;
        Outcome second = Install(lines, user: 0, aptGet: "exit 100");
        Assert.Equal((0, ""), (second.ExitCode, second.Messages));
        Assert.Equal(calls, Installed().Length);
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("echo more >> $root/src/a.cs", false)]
    [InlineData("touch $root/src/new.cs", false)]
    [InlineData("rm $root/src/b.cs", false)]
    [InlineData("cp -p $root/older.cs $root/src/a.cs", false)]
    [InlineData("rm -r $root/models", false)]
    [InlineData("echo more >> $root/README.md", true)]
    [InlineData("rm $root/artifacts/app/Subband.Cli.dll", false)]
    public void The_command_line_is_built_again_only_when_its_sources_have_changed(string change, bool isCurrent)
    {
        foreach (string file in new[]
            { "older.cs", "src/a.cs", "src/b.cs", "models/m", "Directory.Build.props", "global.json", "eng/app.sh", "README.md", "artifacts/app/Subband.Cli.dll" })
        {
            _scripts.Write(file, "text");
        }

        Outcome outcome = ShellScripts.Run("app.sh", $"""
            root='{_scripts.Folder}'
            touch -d yesterday $root/older.cs
            sleep 0.02; touch $root/artifacts/app/.built; sleep 0.02
            {change}
            if app_is_current $root 2> /dev/null; then echo True; else echo False; fi
            """);
        Assert.Equal(isCurrent.ToString(), outcome.Out.Trim());
    }

    [Fact]
    public void An_SDK_10_is_found_behind_another_dotnet_that_comes_first()
    {
        FakeDotnet("old", "8.0.400");
        FakeDotnet("home/.dotnet", "10.0.100");
        Outcome outcome = Dotnet();
        Assert.Equal((0, $"{_scripts.Folder}/home/.dotnet/dotnet"), (outcome.ExitCode, outcome.Out.Trim()));
    }

    [Fact]
    public void Without_an_SDK_10_what_was_found_is_listed()
    {
        FakeDotnet("old", "8.0.400");
        Outcome outcome = ShellScripts.Run("dotnet.sh", $"""
            _dotnet_folders() {"{"} echo '{_scripts.Folder}/old'; {"}"}
            require_dotnet_sdk
            """);
        Assert.Equal(1, outcome.ExitCode);
        Assert.Contains($"{_scripts.Folder}/old has 8.0.400\n", outcome.Messages, StringComparison.Ordinal);
        Assert.Contains("dotnet-install.sh", outcome.Messages, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/nowhere/c++", "cache", "there is no '/nowhere/c++'", "Install a C++ compiler")]
    [InlineData("c++", "file/cache", "cannot be written", "Make that folder writable")]
    [InlineData("false", "cache", "its compilation failed, see ", "Read that log")]
    public void What_keeps_the_native_library_away_comes_with_its_remedy(string compiler, string cache, string attempt, string remedy)
    {
        _scripts.Write("file");
        Outcome outcome = Prepare(compiler, cache, "prepare_native");
        Assert.Equal(1, outcome.ExitCode);
        Assert.Contains(attempt, outcome.Out.Split('|')[0], StringComparison.Ordinal);
        Assert.StartsWith(remedy, outcome.Out.Split('|')[1], StringComparison.Ordinal);
    }

    [Fact]
    public void A_compilation_that_a_person_stops_ends_the_call_as_interrupted()
    {
        string compiler = _scripts.Command("slow", "case $1 in -dump*) echo 12;; *) kill -INT 0; sleep 30;; esac");
        // timeout makes a process group, to all of which the compiler sends what Ctrl+C would.
        Outcome outcome = Prepare(compiler, "cache", "timeout --preserve-status 60 bash -euc '. \"$SUBBAND_ENG/native.sh\"; prepare_native \"$0\"'");
        Assert.Equal(130, outcome.ExitCode);
        Assert.Contains("stopped while compiling", outcome.Messages, StringComparison.Ordinal);
        Assert.DoesNotContain("failed", outcome.Messages, StringComparison.Ordinal);
    }

    [Fact]
    public void A_search_that_is_repeated_lists_each_attempt_once()
    {
        Outcome outcome = ShellScripts.Run(
            "native.sh",
            $$"""
            locate_native '{{_scripts.Folder}}/cache' || prepare_native '{{_scripts.Folder}}/cache' || printf '%s' "$SUBBAND_NATIVE_TRAIL"
            """,
            new()
            {
                ["LIBTORCH"] = "/nowhere",
                ["SUBBAND_NATIVE"] = null,
                ["SUBBAND_NATIVE_TRAIL"] = "what a caller found",
            });
        Assert.Equal("LIBTORCH=/nowhere: no headers (include/ATen/ATen.h)", outcome.Out.Trim());
    }

    private string[] Installed()
    {
        string log = Path.Combine(_scripts.Folder, "apt-get.log");
        return File.Exists(log) ? File.ReadAllLines(log) : [];
    }

    private Outcome Install(string lines, int user, string aptGet = "exit 0")
    {
        _scripts.Command("bin/apt-get", $"echo \"$*\" >> '{_scripts.Folder}/apt-get.log'; {aptGet}");
        _scripts.Command("bin/id", $"echo {user}");
        _scripts.Command("bin/sudo", "exit 1");
        return ShellScripts.Run("native.sh packages.sh", $"{NothingIsThere}\n{lines}", new()
        {
            ["PATH"] = $"{_scripts.Folder}/bin:{Environment.GetEnvironmentVariable("PATH")}",
            ["SUBBAND_NATIVE"] = null,
            ["CXX"] = null,
            ["LIBTORCH"] = null,
            ["LIBTORCH_USE_PYTORCH"] = null,
        });
    }

    private void FakeDotnet(string folder, string sdk)
    {
        _scripts.Command($"{folder}/dotnet", "exit 0");
        Directory.CreateDirectory(Path.Combine(_scripts.Folder, folder, "sdk", sdk));
    }

    private Outcome Dotnet() => ShellScripts.Run("dotnet.sh", "require_dotnet_sdk; command -v dotnet", new()
    {
        ["PATH"] = $"{_scripts.Folder}/old:/usr/bin:/bin",
        ["HOME"] = Path.Combine(_scripts.Folder, "home"),
        ["DOTNET_ROOT"] = null,
    });

    private Outcome Prepare(string compiler, string cache, string prepare) => ShellScripts.Run(
        "native.sh",
        $$"""
        export SUBBAND_ENG
        {{prepare}} '{{_scripts.Folder}}/{{cache}}' || { code=$?; printf '%s|%s' "${SUBBAND_NATIVE_TRAIL:-}" "${SUBBAND_NATIVE_REMEDY:-}"; exit $code; }
        """,
        new()
        {
            ["CXX"] = compiler,
            ["LIBTORCH"] = _scripts.FakeLibtorch("torch", "2", "6", "0"),
            ["SUBBAND_NATIVE"] = null,
        });
}
