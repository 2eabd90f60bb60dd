using System.Globalization;
using System.Text.Json;
using Subband.Torch;
using Subband.Torch.Serialization;

namespace Subband.Models.StyleGan2.Editing;

/// <summary>Which layers' modulations a closed-form factorisation looks at, and how.</summary>
public enum FactorisationRule
{
    /// <summary>Each row of a modulation's matrix counts as it is; the singular vectors of all rows (rosinality/stylegan2-pytorch).</summary>
    Plain,

    /// <summary>Each row is brought to the length 1 first, as SeFa's authors do (genforce/sefa).</summary>
    UnitRows,
}

/// <summary>Directions in the space of styles along which images change in one respect.</summary>
/// <remarks>
/// A <c>.safetensors</c> file: <c>directions</c> [K, width], unit vectors; its metadata hold <c>subband.directions</c> (the format's number, 1),
/// <c>names</c> (a JSON list of K texts), <c>layers</c> (<c>first-last</c>, the layers that they were found for and are meant for) and <c>method</c>.
/// </remarks>
public sealed class StyleDirections : IDisposable
{
    private const string FormatKey = "subband.directions";
    private const string NamesKey = "names";
    private const string LayersKey = "layers";
    private const string MethodKey = "method";
    private const string TensorName = "directions";
    private const int Format = 1;

    private StyleDirections(Tensor vectors, IReadOnlyList<string> names, LayerRange layers, string method) =>
        (Vectors, Names, Layers, Method) = (TensorScope.Release(vectors), names, layers, method);

    /// <summary>The unit vectors, [K, width], on the CPU.</summary>
    public Tensor Vectors { get; }

    /// <summary>What each is called.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>The layers that they are meant for.</summary>
    public LayerRange Layers { get; }

    /// <summary>How they were found.</summary>
    public string Method { get; }

    /// <summary>Directions in closed form: those along which the modulations of a generator's layers change the most.</summary>
    /// <param name="model">The model.</param>
    /// <param name="layers">Which of its layers.</param>
    /// <param name="count">K at most.</param>
    /// <param name="rule">How rows count.</param>
    /// <remarks>
    /// Shen and Zhou, "Closed-Form Factorization of Latent Semantics in GANs" (2021), equation 5: the eigenvectors of AᵀA, the largest eigenvalue
    /// first. As in the public programs, the modulations are those of all convolutions and of the coarsest maker of pixels. Each vector's largest
    /// number is made positive.
    /// </remarks>
    public static StyleDirections Factorise(StyleGan2Model model, LayerRange layers, int count, FactorisationRule rule = FactorisationRule.Plain)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        layers.Require(model.Shape.Styles);
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        var rows = Tensor.Cat([.. model.Modulations().Where(entry => layers.Contains(entry.Layer)).Select(entry => entry.Weight)]) // [rows, width]
            .To(Device.Cpu).To(DType.Float64);
        rows = rule == FactorisationRule.UnitRows ? rows / rows.Norm(2, [1], keep: true) : rows;
        var vectors = rows.Transpose().MatMul(rows).EigenSymmetric().Vectors.Flip(1).Transpose(); // [width, width], rows by falling eigenvalue
        vectors = vectors.Narrow(0, 0, Math.Min(count, vectors.Size(0)));
        var largest = vectors.Gather(1, vectors.Abs().ArgMax(1).Unsqueeze(1));                    // [K, 1]
        var directed = (vectors * largest.Sign()).To(DType.Float32).Contiguous();
        return new StyleDirections(
            directed,
            [.. Enumerable.Range(1, (int)directed.Size(0)).Select(k => k.ToString(CultureInfo.InvariantCulture))],
            layers,
            rule == FactorisationRule.Plain ? "factorisation" : "factorisation of rows of length 1");
    }

    /// <summary>One direction between two kinds of styles.</summary>
    /// <param name="name">What it is called.</param>
    /// <param name="plane">What separates them.</param>
    /// <param name="layers">The layers that it is meant for.</param>
    /// <remarks>Shen, Gu, Tang and Zhou, "Interpreting the Latent Space of GANs for Semantic Face Editing" (2020), section 3.</remarks>
    public static StyleDirections Of(string name, LinearSvm plane, LayerRange layers)
    {
        ArgumentNullException.ThrowIfNull(plane);
        var length = Math.Sqrt(plane.Normal.Sum(x => x * x));
        using var scope = new TensorScope();
        return new StyleDirections(
            Tensor.From([.. plane.Normal.Select(x => (float)(x / length))], 1, plane.Normal.Count).Clone(), [name], layers, "linear SVM");
    }

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="shape">Of the generator that they shall be for.</param>
    /// <exception cref="SubbandException">It is damaged, no such file, or of another generator.</exception>
    public static StyleDirections Load(string path, StyleGan2Shape shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        using var file = TensorFile.Load(path);
        if (file.Metadata.GetValueOrDefault(FormatKey) != Format.ToString(CultureInfo.InvariantCulture))
        {
            throw new SubbandException($"{path} holds no directions of styles; 'subband edit find' and 'subband edit learn' write such files.");
        }

        using var scope = new TensorScope();
        var vectors = file[TensorName];
        var names = ReadNames(path, file.Metadata.GetValueOrDefault(NamesKey, "[]"));
        if (vectors.Dimensions != 2 || vectors.Size(1) != shape.StyleWidth || names.Length != vectors.Size(0))
        {
            throw new SubbandException(
                $"{path} holds {names.Length} names and directions [{string.Join(", ", vectors.Shape.ToArray())}]; the model's styles have {shape.StyleWidth} numbers.");
        }

        return new StyleDirections(
            vectors, names, LayerRange.Parse(file.Metadata.GetValueOrDefault(LayersKey, ""), shape.Styles), file.Metadata.GetValueOrDefault(MethodKey, ""));
    }

    /// <summary>Writes a file, whole or not at all.</summary>
    public void Save(string path) => TensorFile.Save(path, [(TensorName, Vectors)], new Dictionary<string, string>
    {
        [FormatKey] = Format.ToString(CultureInfo.InvariantCulture),
        [NamesKey] = JsonSerializer.Serialize(Names),
        [LayersKey] = Layers.ToString(),
        [MethodKey] = Method,
    });

    /// <summary>Styles moved along a direction, in some layers.</summary>
    /// <param name="styles">[N, L, width].</param>
    /// <param name="index">Which direction.</param>
    /// <param name="strength">How far.</param>
    /// <param name="layers">In which layers.</param>
    public Tensor Apply(Tensor styles, int index, double strength, LayerRange layers)
    {
        ArgumentNullException.ThrowIfNull(styles);
        using var scope = new TensorScope();
        var mask = Tensor.From([.. Enumerable.Range(0, (int)styles.Size(1)).Select(layer => layers.Contains(layer) ? (float)strength : 0)], 1, styles.Size(1), 1);
        return scope.Keep(styles + (mask * Vectors.Select(0, index)).To(styles.Device));
    }

    /// <inheritdoc/>
    public void Dispose() => Vectors.Dispose();

    private static string[] ReadNames(string path, string json)
    {
        try
        {
            return JsonSerializer.Deserialize<string[]>(json) ?? [];
        }
        catch (JsonException exception)
        {
            throw new SubbandException($"{path} is damaged: its metadata {NamesKey} holds '{FileText.Shown(json)}'.", exception);
        }
    }
}
