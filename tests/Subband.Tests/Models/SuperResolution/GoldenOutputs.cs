using System.Text.Json;
using Subband.Tests.Models.Lapgan;
using Subband.Torch;

namespace Subband.Tests.Models.SuperResolution;

/// <summary>The checkpoints and outputs that <c>superresolution_golden.py</c> made beside this file.</summary>
internal static class GoldenOutputs
{
    private const int Step = 7;
    private const double Relative = 1e-4;
    private const int InputNumber = 900;

    /// <summary>The names of all checkpoints of networks that enlarge.</summary>
    public static TheoryData<string> Networks => [.. Document.EnumerateObject().Select(entry => entry.Name)
        .Where(name => !name.StartsWith("vgg", StringComparison.Ordinal) && !name.StartsWith("discriminator", StringComparison.Ordinal))];

    private static JsonElement Document { get; } = JsonDocument.Parse(File.ReadAllBytes(Path("superresolution_golden.json"))).RootElement;

    /// <summary>The checkpoint of a name.</summary>
    public static string Checkpoint(string name) => Path($"checkpoints/{name}.pth");

    /// <summary>The scale of a network.</summary>
    public static int Scale(string name) => Document.GetProperty(name).GetProperty("scale").GetInt32();

    /// <summary>The images that were given to the networks: [2, C, H, W] in [0,1].</summary>
    public static Tensor Images(int channels, int height, int width) =>
        GoldenFill.Filled(InputNumber, 1, 2, channels, height, width) + 0.5;

    /// <summary>Asserts that an output is PyTorch's, to 1e-4 of its largest value.</summary>
    public static void AssertEqual(string name, Tensor output, int step = Step)
    {
        using var scope = new TensorScope();
        var expected = Document.GetProperty(name);
        Assert.Equal(expected.GetProperty("shape").EnumerateArray().Select(size => size.GetInt64()), output.Shape.ToArray());
        double[] values = [.. expected.GetProperty("values").EnumerateArray().Select(value => value.GetDouble())];
        var all = output.Contiguous().ToArray<float>();
        var tolerance = values.Max(Math.Abs) * Relative;
        for (var i = 0; i < values.Length; i++)
        {
            Assert.True(Math.Abs(values[i] - all[i * step]) <= tolerance, $"{name}: element {i * step} is {all[i * step]}, not {values[i]}.");
        }
    }

    private static string Path(string name) =>
        System.IO.Path.Combine(TestData.RepositoryRoot, "tests/Subband.Tests/Models/SuperResolution", name);
}
