using System.Globalization;
using Subband.Torch;
using Subband.Torch.Serialization;

namespace Subband.Models.StyleGan2.Editing;

/// <summary>An image as what a generator makes it of: one style for each layer, and noise.</summary>
/// <remarks>
/// A <c>.safetensors</c> file: <c>styles</c> [L, width], <c>noise.0</c>, <c>noise.1</c>, … [1, 1, h, w] each, the coarsest first; its metadata
/// hold <c>subband.latents</c> (the format's number, 1), <c>subband.preset</c>, and <c>source</c>, the image it was made of.
/// </remarks>
public sealed class LatentFile : IDisposable
{
    private const string FormatKey = "subband.latents";
    private const string PresetKey = "subband.preset";
    private const string SourceKey = "source";
    private const int Format = 1;

    private LatentFile(string path, string source, Tensor styles, Tensor[] noises) => (Path, Source, Styles, Noises) = (path, source, styles, noises);

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>The image it was made of.</summary>
    public string Source { get; }

    /// <summary>w of each layer, [1, L, width].</summary>
    public Tensor Styles { get; }

    /// <summary>The noise maps, [1, 1, h, w] each.</summary>
    public IReadOnlyList<Tensor> Noises { get; }

    /// <summary>Writes one image of a projection, whole or not at all.</summary>
    /// <param name="path">The file.</param>
    /// <param name="styles">[L, width].</param>
    /// <param name="noises">[1, 1, h, w] each.</param>
    /// <param name="preset">Of the model.</param>
    /// <param name="source">The image.</param>
    public static void Save(string path, Tensor styles, IEnumerable<Tensor> noises, string preset, string source) => TensorFile.Save(
        path,
        [("styles", styles), .. noises.Select((noise, i) => (NoiseName(i), noise))],
        new Dictionary<string, string>
        {
            [FormatKey] = Format.ToString(CultureInfo.InvariantCulture),
            [PresetKey] = preset,
            [SourceKey] = source,
        });

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="shape">Of the generator that it shall be for.</param>
    /// <exception cref="SubbandException">It is damaged, no such file, or of another generator.</exception>
    public static LatentFile Load(string path, StyleGan2Shape shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        using var file = TensorFile.Load(path);
        if (file.Metadata.GetValueOrDefault(FormatKey) != Format.ToString(CultureInfo.InvariantCulture))
        {
            throw new SubbandException($"{path} holds no styles of an image; 'subband project' writes such files.");
        }

        using var scope = new TensorScope();
        var styles = file["styles"];
        if (!styles.Shape.SequenceEqual([shape.Styles, shape.StyleWidth]))
        {
            throw new SubbandException(
                $"{path} holds styles [{string.Join(", ", styles.Shape.ToArray())}], and the model's are [{shape.Styles}, {shape.StyleWidth}]: they are of another model.");
        }

        Tensor[] noises = [.. Enumerable.Range(0, 1 + (2 * shape.FeatureDoublings)).Select(i => file[NoiseName(i)])];
        return new LatentFile(
            path, file.Metadata.GetValueOrDefault(SourceKey, path), TensorScope.Release(styles.Unsqueeze(0).Clone()), Array.ConvertAll(noises, TensorScope.Release));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Styles.Dispose();
        foreach (var noise in Noises)
        {
            noise.Dispose();
        }
    }

    private static string NoiseName(int i) => string.Create(CultureInfo.InvariantCulture, $"noise.{i}");
}
