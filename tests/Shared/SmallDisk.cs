using System.Diagnostics;

namespace Subband.Testing;

/// <summary>A small file system of a test's own, in memory, which can really be full or read-only.</summary>
internal sealed class SmallDisk : IDisposable
{
    private SmallDisk(string path) => Path = path;

    /// <summary>Its folder.</summary>
    public string Path { get; }

    /// <summary>Mounts one; skips the test where that is not allowed.</summary>
    /// <param name="path">Its folder, which is made.</param>
    /// <param name="options">As <c>size=100k</c>.</param>
    public static SmallDisk Mount(string path, string options)
    {
        _ = Directory.CreateDirectory(path);
        Assert.SkipUnless(
            OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess && Call("mount", "-t", "tmpfs", "-o", options, "tmpfs", path),
            "Needs the right to mount a small file system of its own.");
        return new SmallDisk(path);
    }

    /// <summary>Changes it, as to <c>ro</c>.</summary>
    public void Change(string options) => Assert.True(Call("mount", "-o", "remount," + options, Path));

    public void Dispose() => Assert.True(Call("umount", Path));

    private static bool Call(string program, params string[] arguments)
    {
        using Process process = Process.Start(program, arguments);
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
