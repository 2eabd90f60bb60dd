using FsCheck;
using FsCheck.Fluent;
using Subband.Models.StyleGan2;
using Subband.Torch;

namespace Subband.Tests.Models.StyleGan2;

/// <summary>The modulated convolution scales features; held to the form of the papers' code, which makes filters for each image.</summary>
public sealed class ModulatedConv2dTests
{
    private const double Tolerance = 1e-10;

    /// <summary>A layer, and what is put through it.</summary>
    private sealed record Case(
        int Images, int Inputs, int Outputs, int StyleWidth, int Kernel, int Height, int Width,
        bool IsDemodulated, StyleResampling Resampling, int Seed);

    [Theory]
    [InlineData(1, 1, 1, 3, true, StyleResampling.None)]
    [InlineData(4, 5, 7, 3, true, StyleResampling.None)]
    [InlineData(3, 4, 4, 3, false, StyleResampling.None)]
    [InlineData(2, 7, 3, 1, false, StyleResampling.None)] // that of pixels
    [InlineData(2, 5, 1, 1, true, StyleResampling.None)]
    [InlineData(1, 1, 1, 3, true, StyleResampling.Double)]
    [InlineData(4, 5, 7, 3, true, StyleResampling.Double)]
    [InlineData(3, 4, 6, 3, false, StyleResampling.Double)]
    public void Scaled_features_are_scaled_filters(
        int images, int height, int width, int kernel, bool isDemodulated, StyleResampling resampling) =>
        Assert.InRange(Difference(new Case(images, 3, 4, 5, kernel, height, width, isDemodulated, resampling, Seed: 1)), 0, Tolerance);

    [Fact]
    public void They_are_at_any_size()
    {
        var cases =
            from images in Gen.Choose(1, 4)
            from inputs in Gen.Choose(1, 6)
            from outputs in Gen.Choose(1, 6)
            from width in Gen.Choose(1, 6)
            from height in Gen.Choose(1, 9)
            from across in Gen.Choose(1, 9)
            from isDemodulated in Gen.Elements(true, false)
            from form in Gen.Elements((1, StyleResampling.None), (3, StyleResampling.None), (3, StyleResampling.Double))
            from seed in Gen.Choose(0, int.MaxValue)
            select new Case(images, inputs, outputs, width, form.Item1, height, across, isDemodulated, form.Item2, seed);

        Prop.ForAll(cases.ToArbitrary(), item => Difference(item) <= Tolerance)
            .Check(Config.QuickThrowOnFailure.WithMaxTest(100).WithReplay(2020, 1));
    }

    // The largest difference, as a part of what it is of, of the values, all their gradients, and the gradients of a length of these
    private static double Difference(Case item)
    {
        using var scope = new TensorScope();
        using var random = new Generator((ulong)item.Seed);
        using ModulatedConv2d layer = new(item.Inputs, item.Outputs, item.Kernel, item.StyleWidth, random, item.IsDemodulated, item.Resampling);
        layer.To(DType.Float64);
        var parameters = layer.NamedParameters().ToDictionary(entry => entry.Name, entry => entry.Tensor);
        var x = Tensor.Randn([item.Images, item.Inputs, item.Height, item.Width], random).To(DType.Float64);
        var style = Tensor.Randn([item.Images, item.StyleWidth], random).To(DType.Float64);
        (x.RequiresGrad, style.RequiresGrad) = (true, true);
        Tensor[] variables = [x, style, .. parameters.Values];
        var factor = item.Resampling == StyleResampling.Double ? 2 : 1;
        var weights = Tensor.Randn([item.Images, item.Outputs, factor * item.Height, factor * item.Width], random).To(DType.Float64);
        return Of(layer.Forward(x, style)).Zip(Of(Grouped(x, style, parameters, item)), (found, expected) =>
        {
            Assert.Equal(expected.Shape.ToArray(), found.Shape.ToArray());
            return (found - expected).Norm().Item() / Math.Max(1, expected.Norm().Item());
        }).Max();

        Tensor[] Of(Tensor y)
        {
            var first = Autograd.Grad((y * y * weights).Sum(), variables, createGraph: true);
            return [y, .. first, .. Autograd.Grad(first.Select(gradient => gradient.Square().Sum()).Aggregate((a, b) => a + b), variables)];
        }
    }

    /// <summary>One convolution of as many groups as there are images, [1, N·I, H, W] by [N·O, I, k, k].</summary>
    /// <remarks>Karras et al. 2020, appendix B; written from the equations 1 and 3 of its section 2.2.</remarks>
    private static Tensor Grouped(Tensor x, Tensor style, Dictionary<string, Tensor> parameters, Case item)
    {
        var (n, i, o, k) = (item.Images, item.Inputs, item.Outputs, item.Kernel);
        var modulation = parameters["modulation.weight"] * (1 / Math.Sqrt(item.StyleWidth));
        var s = Functional.Linear(style, modulation, parameters["modulation.bias"]);       // [N, I]
        var w = parameters["weight"] * (1 / Math.Sqrt(i * k * k)) * s.View(n, 1, i, 1, 1); // [N, O, I, k, k]
        if (item.IsDemodulated)
        {
            w *= (w.Square().Sum([2, 3, 4], keep: true) + 1e-8).RSqrt();
        }

        var joined = x.Reshape(1, n * i, item.Height, item.Width);
        if (item.Resampling == StyleResampling.None)
        {
            return Functional.Conv2d(joined, w.Reshape(n * o, i, k, k), padding: k / 2, groups: n).Reshape(n, o, item.Height, item.Width);
        }

        var up = Functional.ConvTranspose2d(joined, w.Transpose(1, 2).Reshape(n * i, o, k, k), stride: 2, groups: n); // [1, N·O, 2H + 1, 2W + 1]
        var taps = Tensor.From([1.0, 3.0, 3.0, 1.0], 1, 4);
        var blur = (taps.Transpose().MatMul(taps) * (4 / 64.0)).Expand(n * o, 1, 4, 4);
        return Functional.Conv2d(up, blur, padding: 1, groups: n * o).Reshape(n, o, 2 * item.Height, 2 * item.Width);
    }
}
