using System.Text.Json;
using Subband.Torch.Serialization;

namespace Subband.Torch.Tests.Golden;

/// <summary>One case of what PyTorch computed, see <c>make_golden.py</c>, with the settings it was computed with.</summary>
/// <remarks>Its tensors are made in the test's own scope.</remarks>
internal sealed class GoldenNumbers(string name)
{
    /// <summary>What float64 computations may differ by: different orders of summation, no more.</summary>
    public const double Tolerance = 1e-12;

    private static readonly string Folder =
        Path.Combine(TestData.RepositoryRoot, "tests", "Subband.Torch.Tests", "Golden");

    private static readonly Lazy<SafetensorsFile> File = new(
        () => SafetensorsFile.Open(Path.Combine(Folder, "golden.safetensors")));

    private static readonly Lazy<JsonDocument> Json = new(
        () => JsonDocument.Parse(System.IO.File.ReadAllText(Path.Combine(Folder, "golden.json"))));

    private readonly JsonElement _settings = Json.Value.RootElement.GetProperty("cases").GetProperty(name);

    /// <summary>The whole of <c>golden.json</c>.</summary>
    public static JsonElement Root => Json.Value.RootElement;

    /// <summary>The names of all cases of a family, such as <c>conv2d</c>.</summary>
    public static IEnumerable<string> CasesOf(string family) =>
        Root.GetProperty("cases").EnumerateObject().Select(c => c.Name).Where(c => c.StartsWith(family + "/", StringComparison.Ordinal));

    /// <summary>A tensor of the case, float64.</summary>
    public Tensor this[string tensor] => Find(tensor) ?? throw new KeyNotFoundException($"{name}/{tensor}");

    /// <summary>A tensor of the case, or null where the case has none of that name.</summary>
    public Tensor? Find(string tensor) => File.Value.TryGetEntry($"{name}/{tensor}", out var entry)
        ? Tensor.FromBytes(File.Value.Bytes(entry!.Name), entry.DType, entry.Shape)
        : null;

    /// <summary>A tensor of the case through which gradients flow.</summary>
    public Tensor Leaf(string tensor)
    {
        var leaf = this[tensor];
        leaf.RequiresGrad = true;
        return leaf;
    }

    public double Number(string setting) => _settings.GetProperty(setting).GetDouble();

    public long Integer(string setting) => _settings.GetProperty(setting).GetInt64();

    public bool Flag(string setting) => _settings.GetProperty(setting).GetBoolean();

    public long[] Integers(string setting) => [.. _settings.GetProperty(setting).EnumerateArray().Select(e => e.GetInt64())];

    public double[] Numbers(string setting) => [.. _settings.GetProperty(setting).EnumerateArray().Select(e => e.GetDouble())];

    /// <summary>Holds a result against a tensor of the case.</summary>
    public void AssertEqual(string expected, Tensor actual, double tolerance = Tolerance) =>
        Near.Assert(this[expected], actual, tolerance, $"{name}/{expected}");
}
