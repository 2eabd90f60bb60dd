using System.Text.Json;

namespace Subband.Tests.Metrics;

/// <summary>The numbers of Golden/make_pictures.py.</summary>
internal static class PictureGolden
{
    private static readonly JsonElement Numbers = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(
        TestData.RepositoryRoot, "tests", "Subband.Tests", "Metrics", "Golden", "pictures.json"))).RootElement;

    public static JsonElement Section(string name) => Numbers.GetProperty(name);
}
