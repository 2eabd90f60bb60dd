using Subband.Torch.Native;

namespace Subband.Torch.Tests;

/// <summary>Whether oneDNN may convolve.</summary>
public sealed class ConvolutionLibraryTests
{
    // Debian 12's 1.13 is the libtorch of every day, known to convolve rightly; without oneDNN it would be many times slower.
    [Fact]
    public void Of_libtorch_1_13_oneDNN_is_in_use()
    {
        Assert.SkipUnless(Engine.TorchVersion.StartsWith("1.13", StringComparison.Ordinal), "This is another libtorch.");
        Assert.Equal(new ConvolutionLibrary(true, null), Engine.Convolutions);
    }

    [Fact]
    public void A_fault_is_told_where_oneDNN_was_switched_off_and_nowhere_else()
    {
        var hasOneDnn = Engine.Configuration().Contains("MKL-DNN", StringComparison.OrdinalIgnoreCase);
        Assert.Equal(hasOneDnn && !Engine.Convolutions.HasOneDnn, Engine.Convolutions.Fault is not null);
    }

    [Theory]
    [InlineData(new[] { 1f, -2f, 4f }, 0)]
    [InlineData(new[] { 1f, -3f, 4f }, 0.25)]
    [InlineData(new[] { 1f, -2f, 12f }, 2)]
    [InlineData(new[] { 1f, float.NaN, 4f }, double.PositiveInfinity)]
    [InlineData(new[] { 1f, -2f, float.NegativeInfinity }, double.PositiveInfinity)]
    public void A_result_is_compared_by_its_largest_error_and_never_passes_unless_finite(float[] found, double error) =>
        Assert.Equal(error, RelativeError(found, [1, -2, 4]));

    [Fact]
    public void A_result_of_another_size_is_refused() =>
        Assert.Contains(
            "3 values, not 2", Assert.Throws<TensorArgumentException>(() => RelativeError([1, -2, 4], [1, -2])).Message, StringComparison.Ordinal);

    // What the check must catch, seen from outside: images and filters in memory full of large numbers.
    [Theory]
    [InlineData(DType.Float32, false, 1e-5)]
    [InlineData(DType.Float32, true, 1e-5)]
    [InlineData(DType.BFloat16, false, 0.03)]
    [InlineData(DType.BFloat16, true, 0.03)]
    public void Convolutions_of_few_channels_are_right_in_memory_that_held_something_else(DType type, bool channelsLast, double tolerance)
    {
        using var scope = new TensorScope();
        using var random = new Generator(1);
        foreach (var (from, to) in new[] { (4, 6), (3, 5), (16, 3), (3, 64) })
        {
            var image = Tensor.Randn([2, from, 9, 10], random).To(type);
            var filter = Tensor.Randn([to, from, 3, 3], random).To(type);
            var layout = channelsLast ? MemoryFormat.ChannelsLast : MemoryFormat.Contiguous;
            Compare(image, filter, layout, (x, w) => Functional.Conv2d(x, w, padding: 1), tolerance);
            if (type == DType.Float32) // in bfloat16 libtorch 1.13 knows no transposed ones
            {
                var transposed = Tensor.Randn([from, to, 3, 3], random);
                Compare(image, transposed, layout, (x, w) => Functional.ConvTranspose2d(x, w, padding: 1), tolerance);
            }
        }
    }
    private static void Compare(Tensor image, Tensor filter, MemoryFormat layout, Func<Tensor, Tensor, Tensor> convolve, double tolerance)
    {
        var (expected, expectedGradients) = Results(image.To(DType.Float64), filter.To(DType.Float64), convolve);
        Poison();
        var (found, gradients) = Results(image.Contiguous(layout), filter.Contiguous(layout), convolve);
        Near.Assert(expected, found, tolerance, $"the result for {filter}");
        Near.Assert(expectedGradients[0], gradients[0], tolerance, $"the gradient of the image for {filter}");
        Near.Assert(expectedGradients[1], gradients[1], tolerance, $"the gradient of the filter {filter}");
    }

    private static (Tensor Result, Tensor[] Gradients) Results(Tensor image, Tensor filter, Func<Tensor, Tensor, Tensor> convolve)
    {
        var (x, w) = (image.Detach(), filter.Detach());
        x.RequiresGrad = true;
        w.RequiresGrad = true;
        var result = convolve(x, w);
        return (result.Detach(), Autograd.Grad(result.To(DType.Float64).Square().Sum(), [x, w]));
    }

    // Blocks of the sizes that these convolutions ask for, given back full of large numbers.
    private static void Poison()
    {
        using var scope = new TensorScope();
        for (var bytes = 4096L; bytes <= 65536; bytes += 512)
        {
            _ = Tensor.Full([bytes / sizeof(float)], 1e30);
        }
    }

    private static unsafe double RelativeError(float[] found, double[] expected)
    {
        using var tensor = Tensor.From(found, [found.Length]);
        double error;
        fixed (double* values = expected)
        {
            NativeError.Check(NativeMethods.sb_relative_error(tensor.Handle, values, expected.Length, &error), "comparison");
        }

        return error;
    }
}
