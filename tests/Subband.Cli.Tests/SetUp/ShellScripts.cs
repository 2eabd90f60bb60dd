using System.Runtime.Versioning;

namespace Subband.Cli.Tests.SetUp;

/// <summary>Runs functions of the scripts in <c>eng/</c>, among commands and libraries that only look like some.</summary>
[SupportedOSPlatform("linux")]
public sealed class ShellScripts : IDisposable
{
    /// <summary>Where everything made up lies.</summary>
    public string Folder { get; } = Directory.CreateTempSubdirectory("subband-").FullName;

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    /// <summary>Sources some of the scripts and runs a few lines, strictly as the launchers do.</summary>
    public static Outcome Run(string scripts, string lines, Dictionary<string, string?>? environment = null)
    {
        string sourced = string.Join(' ', scripts.Split(' ').Select(name => $". '{TestData.RepositoryRoot}/eng/{name}';"));
        return SubbandProcess.Start("/bin/bash", environment ?? [], "-euo", "pipefail", "-c", $"{sourced}\n{lines}");
    }

    /// <summary>Writes a file, with the folders it lies in.</summary>
    public string Write(string name, string text = "")
    {
        string path = Path.Combine(Folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }

    /// <summary>Writes a command.</summary>
    public string Command(string name, string body)
    {
        string path = Write(name, $"#!/bin/bash\n{body}\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return path;
    }

    /// <summary>Makes a folder with what the search for libtorch looks at.</summary>
    public string FakeLibtorch(
        string name, string major, string minor, string patch, string header = "torch/csrc/api/include/torch/version.h")
    {
        foreach (string file in new[] { "include/ATen/ATen.h", "lib/libtorch_cpu.so", "lib/libc10.so" })
        {
            Write($"{name}/{file}");
        }

        Write($"{name}/include/{header}", $"""
            #define TORCH_VERSION_MAJOR {major}
            #define TORCH_VERSION_MINOR {minor}
            #define TORCH_VERSION_PATCH {patch}
            #define TORCH_VERSION TORCH_VERSION_MAJOR "." TORCH_VERSION_MINOR
            """);
        return Path.Combine(Folder, name);
    }
}
