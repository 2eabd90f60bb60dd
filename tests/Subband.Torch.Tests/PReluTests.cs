namespace Subband.Torch.Tests;

/// <summary>PReLU of images whose channels lie side by side, by our own kernel, against its definition in double precision.</summary>
public sealed class PReluTests : IDisposable
{
    private readonly Generator _random = new(5);

    public void Dispose() => _random.Dispose();

    [Theory]
    [InlineData(1, false, 2e-6)]
    [InlineData(48, false, 2e-6)]
    [InlineData(1, true, 2e-2)]
    [InlineData(48, true, 2e-2)]
    public void It_and_its_gradients_are_those_of_the_definition(int slopes, bool isHalf, double tolerance)
    {
        using TensorScope scope = new();
        DType type = isHalf ? DType.BFloat16 : DType.Float32;
        foreach ((long height, long width) in ((long, long)[])[(1, 1), (3, 5), (67, 41)])
        {
            Tensor x = Leaf(Tensor.Randn([2, 48, height, width], _random).To(type).Contiguous(MemoryFormat.ChannelsLast));
            Tensor weight = Leaf(Tensor.Randn([slopes], _random));
            Tensor of = Tensor.Randn([2, 48, height, width], _random).To(type);

            Tensor found = Functional.PRelu(x, weight);
            Tensor[] gradients = Autograd.Grad((found * of).Sum(), [x, weight]);

            (Tensor exactX, Tensor exactWeight) = (Leaf(x.Detach().To(DType.Float64)), Leaf(weight.Detach().To(DType.Float64)));
            Tensor exact = Definition(exactX, exactWeight);
            Tensor[] expected = Autograd.Grad((exact * of.To(DType.Float64)).Sum(), [exactX, exactWeight]);
            Assert.Equal(type, found.DType);
            foreach ((Tensor one, Tensor other) in gradients.Append(found.Detach()).Zip(expected.Append(exact.Detach())))
            {
                Assert.Equal(other.Shape, one.Shape);
                double error = (one.To(DType.Float64) - other).Square().Mean().Sqrt().Item();
                Assert.InRange(error, 0, tolerance * (1 + other.Square().Mean().Sqrt().Item())); // what a slope is told may cancel
            }
        }
    }

    [Fact]
    public void Its_gradients_can_be_derived_again()
    {
        using TensorScope scope = new();
        Tensor image = Tensor.Randn([2, 16, 7, 9], _random);
        float[][] found = Twice(Leaf(image.Contiguous(MemoryFormat.ChannelsLast)), Leaf(Tensor.Full([1], 0.3)), Functional.PRelu);
        float[][] expected = Twice(Leaf(image.To(DType.Float64)), Leaf(Tensor.Full([1], 0.3).To(DType.Float64)), Definition);
        foreach ((float[] one, float[] other) in found.Zip(expected))
        {
            double scale = other.Max(Math.Abs);
            Assert.All(one.Zip(other), pair => Assert.Equal(pair.Second, pair.First, 1e-5 * scale));
        }

        static float[][] Twice(Tensor x, Tensor weight, Func<Tensor, Tensor, Tensor> layer)
        {
            Tensor gradient = Autograd.Grad((layer(x, weight) * x).Square().Sum(), [x], createGraph: true)[0];
            return [.. Autograd.Grad(gradient.Square().Sum(), [x, weight]).Select(one => one.To(DType.Float32).ToArray<float>())];
        }
    }

    [Fact]
    public void Any_number_of_threads_gives_the_same_bytes()
    {
        using TensorScope scope = new();
        Tensor x = Leaf(Tensor.Randn([3, 48, 61, 45], _random).Contiguous(MemoryFormat.ChannelsLast));
        Tensor weight = Leaf(Tensor.Full([48], 0.2));
        int before = Engine.Threads;
        float[][] found = [.. new[] { 1, 2, 7 }.Select(threads =>
        {
            Engine.Threads = threads;
            return Autograd.Grad(Functional.PRelu(x, weight).Square().Sum(), [weight])[0].ToArray<float>();
        })];
        Engine.Threads = before;
        Assert.All(found, one => Assert.Equal(found[0], one));
    }

    private static Tensor Definition(Tensor x, Tensor weight) =>
        Functional.Relu(x) - (Functional.Relu(-x) * weight.Reshape(1, weight.Count, 1, 1));

    private static Tensor Leaf(Tensor tensor)
    {
        Tensor leaf = tensor.Detach();
        leaf.RequiresGrad = true;
        return leaf;
    }
}
