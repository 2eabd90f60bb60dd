namespace Subband.Testing;

/// <summary>
/// The folder of images, weights and fixtures that lies outside the repository. It is named by the variable
/// <c>SUBBAND_TEST_DATA</c>; without it, <c>shared/data</c> beside the repository is taken.
/// </summary>
internal static class TestData
{
    private const string Variable = "SUBBAND_TEST_DATA";

    /// <summary>
    /// The full path of a file or folder of the test data, such as <c>fixtures/torch/expected.json</c>. Where it is
    /// missing, the running test is skipped and says why.
    /// </summary>
    public static string Path(string relativePath)
    {
        string root = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named
            ? named
            : System.IO.Path.Combine(RepositoryRoot, "..", "shared", "data");
        string path = System.IO.Path.GetFullPath(System.IO.Path.Combine(root, relativePath));
        if (!System.IO.Path.Exists(path))
        {
            Assert.Skip($"The test data are missing: there is no {path}. Set {Variable} to the data folder.");
        }

        return path;
    }

    /// <summary>
    /// The top folder of the repository that these tests were built from. Where only the built tests are, the running
    /// test is skipped and says why.
    /// </summary>
    public static string RepositoryRoot
    {
        get
        {
            if (FoundRoot is null)
            {
                Assert.Skip($"This test runs in a source checkout only; no folder above {AppContext.BaseDirectory} holds Subband.slnx.");
            }

            return FoundRoot!;
        }
    }

    private static string? FoundRoot { get; } = FindRepositoryRoot();

    private static string? FindRepositoryRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "Subband.slnx")))
            {
                return folder.FullName;
            }
        }

        return null;
    }
}
