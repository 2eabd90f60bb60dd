namespace Subband.Testing;

/// <summary>An empty folder for one test, removed with all that is in it when disposed.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private const string Memory = "/dev/shm";
    private const string Prefix = "subband-test-";

    /// <summary>Makes the folder.</summary>
    /// <param name="inMemory">
    /// Whether it lies in main memory, where the system offers that, for tests that would mostly wait for the disk.
    /// </param>
    public TemporaryFolder(bool inMemory = false) => Path = inMemory && Directory.Exists(Memory)
        ? Directory.CreateDirectory(System.IO.Path.Combine(Memory, Prefix + Guid.NewGuid().ToString("N"))).FullName
        : Directory.CreateTempSubdirectory(Prefix).FullName;

    /// <summary>The folder's full path.</summary>
    public string Path { get; }

    /// <summary>The full path of a name inside the folder.</summary>
    public string this[string name] => System.IO.Path.Combine(Path, name);

    /// <summary>Writes a file into the folder and gives its full path.</summary>
    public string Write(string name, ReadOnlySpan<byte> bytes)
    {
        File.WriteAllBytes(this[name], bytes);
        return this[name];
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
