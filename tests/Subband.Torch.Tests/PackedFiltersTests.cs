using Subband.Torch.Modules;
using Subband.Torch.Native;

namespace Subband.Torch.Tests;

/// <summary>Subband's own convolution of 3×3 against its specification in double precision, and against libtorch's.</summary>
public sealed class PackedFiltersTests : IDisposable
{
    // So many channels that tiles go through their filters by the group, and the sums of their gradients are blocks enough without slices.
    private static readonly (int Inputs, int Outputs) Many = (400, 464);

    private readonly Generator _random = new(1);

    public PackedFiltersTests() => Assert.SkipUnless(Operators.Processor.CallForInteger() >= 1, "This processor has no AVX2.");

    public void Dispose() => _random.Dispose();

    // 2 and 4 are the tiles, 1 stands for filters of 1×1, 0 for those from or to a few channels; the error of bf16 products is that of eight bits of mantissa, more where Winograd's sums cancel.
    [Theory]
    [InlineData(4, false, 2e-6)]
    [InlineData(2, false, 1e-6)]
    [InlineData(4, true, 3e-2)]
    [InlineData(2, true, 1e-2)]
    [InlineData(1, false, 1e-6)]
    [InlineData(1, true, 1e-2)]
    [InlineData(0, false, 1e-6)]
    [InlineData(0, true, 1e-2)]
    public void It_computes_what_is_specified_for_all_sizes_channels_and_batches(int tile, bool isHalf, double tolerance)
    {
        SkipWhereItCannot(isHalf);
        SeededRandom random = new(7);
        for (int round = 0; round < 40; round++)
        {
            using TensorScope scope = new();
            (int inputs, int outputs) = round == 0 ? Many : (16 * (1 + random.Next(6)), 16 * (1 + random.Next(6)));
            (inputs, outputs) = tile > 0 ? (inputs, outputs) : random.Next(2) == 0 ? (1 + random.Next(4), outputs) : (inputs, 1 + random.Next(4));
            int spread = tile > 0 && random.Next(3) == 0 ? 2 + random.Next(2) : 1; // a pixel shuffle
            if (spread > 1)
            {
                outputs = 16 * (1 + random.Next(2)) * spread * spread;
            }

            long[] size = [1 + random.Next(3), inputs, 1 + random.Next(round < 30 ? 12 : 67), 1 + random.Next(round < 30 ? 12 : 67)];
            Tensor x = Laid(Tensor.Randn(size, _random), random.Next(2) == 0 && isHalf);
            int side = tile == 1 ? 1 : tile > 0 ? 3 : 3 + (2 * random.Next(4));
            int reach = side / 2;
            Tensor weight = Tensor.Randn([outputs, inputs, side, side], _random) * Math.Sqrt(2.0 / (side * side * inputs));
            Tensor? bias = random.Next(2) == 0 ? null : Tensor.Randn([outputs], _random);
            Tensor? slopes = random.Next(3) switch { 0 => null, 1 => Tensor.Zeros([outputs]), _ => Tensor.Randn([outputs], _random) };
            bool toHalf = isHalf && random.Next(2) == 0;
            Tensor? plus = spread > 1 || random.Next(2) == 0 ? null : Laid(Tensor.Randn([size[0], outputs, size[2], size[3]], _random), toHalf);

            // The first and the last rows may be there for their neighbours only, rows may lie in two tensors, and channels in several.
            bool begins = size[2] <= 2 * reach || random.Next(2) == 0;
            bool ends = size[2] <= 2 * reach || random.Next(2) == 0;
            (long from, long rows) = (begins ? 0 : reach, size[2] - (begins ? 0 : reach) - (ends ? 0 : reach));
            (Tensor?[] images, Tensor?[] above) = Unzipped(ChannelsOf(x, tile == 0 ? inputs : isHalf ? 32 : 16, random), random);
            (Tensor? added, Tensor? addedAbove) = plus is null ? default : Split(plus.Narrow(2, from, rows), random);

            Tensor packed = Operators.PackFilters.Call(weight, tile, isHalf && tile > 0, false);
            Tensor found = Operators.Convolve.Call(
                images, above, begins, ends, packed, bias, slopes, added, addedAbove, outputs, tile, side, spread, toHalf);
            Tensor expected = Operators.ConvolvePlain.Call(x, weight, bias, slopes, plus, spread, toHalf).Narrow(2, spread * from, spread * rows);

            double scale = expected.To(DType.Float32).Square().Mean().Sqrt().Item();
            double error = (found.To(DType.Float32) - expected.To(DType.Float32)).Square().Mean().Sqrt().Item();
            Assert.True(error <= tolerance * scale, $"{error / scale:E2} at {x} to {outputs} channels, round {round}");
        }
    }

    [Fact]
    public void The_specification_is_libtorchs_convolution()
    {
        using TensorScope scope = new();
        Tensor x = Laid(Tensor.Randn([2, 16, 7, 5], _random), false);
        Tensor weight = Tensor.Randn([32, 16, 3, 3], _random);
        Tensor bias = Tensor.Randn([32], _random);
        Tensor plus = Laid(Tensor.Randn([2, 32, 7, 5], _random), false);
        Tensor slopes = Tensor.Full([32], 0.2);

        Tensor found = Operators.ConvolvePlain.Call(x, weight, bias, slopes, plus, 1, false);

        Near.Assert(Functional.LeakyRelu(Functional.Conv2d(x, weight, bias, padding: 1), 0.2) + plus, found, 1e-5);
    }

    [Fact]
    public void Any_number_of_threads_gives_the_same_bytes()
    {
        using TensorScope scope = new();
        Tensor x = Laid(Tensor.Randn([1, 64, 61, 45], _random), false);
        Tensor packed = Operators.PackFilters.Call(Tensor.Randn([48, 64, 3, 3], _random), 4, false, false);
        int before = Engine.Threads;
        float[][] found = [.. new[] { 1, 2, 3, 7 }.Select(threads =>
        {
            Engine.Threads = threads;
            return Convolve(x, packed, 48, 4).ToArray<float>();
        })];
        Engine.Threads = before;
        Assert.All(found, one => Assert.Equal(found[0], one));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_layer_that_is_trained_or_used_gives_what_libtorch_computes(bool isHalf)
    {
        SkipWhereItCannot(isHalf);
        using TensorScope scope = new();
        using Conv2d layer = new(32, 48, 3, _random, padding: 1);
        using Sequential row = new(new Conv2d(32, 32, 3, _random, padding: 1), new PRelu(), new Conv2d(32, 48, 3, _random, padding: 1));
        Tensor x = Laid(Tensor.Randn([2, 32, 25, 30], _random), false);
        Tensor plus = Laid(Tensor.Randn([2, 48, 25, 30], _random), false);
        Tensor[] expected = Expected();
        Tensor[] trained = All();
        layer.RequireGrad(false);
        row.RequireGrad(false);
        Tensor[] used = All();

        // Winograd's sums and rounded products differ from the direct ones, by design, and not by nothing.
        double tolerance = isHalf ? 0.03 : 1e-5;
        foreach ((Tensor one, Tensor reference) in trained.Zip(expected).Concat(used.Zip(expected)))
        {
            Assert.Equal(reference.DType, one.DType);
            Near.Assert(reference.To(DType.Float32), one.To(DType.Float32), tolerance);
            Assert.NotEqual(reference.To(DType.Float32).ToArray<float>(), one.To(DType.Float32).ToArray<float>());
        }

        Tensor[] All()
        {
            using Autocast cast = new(DeviceType.Cpu, DType.BFloat16, isHalf);
            return [layer.Forward(x), layer.ForwardRelu(x), layer.ForwardPlus(x, plus), row.Forward(x), row.ForwardPlus(x, plus)];
        }

        Tensor[] Expected()
        {
            using Autocast cast = new(DeviceType.Cpu, DType.BFloat16, isHalf);
            Tensor one = Conv2d(x, layer.Weight, layer.Bias!);
            Dictionary<string, Tensor> of = row.NamedParameters().ToDictionary(entry => entry.Name, entry => entry.Tensor);
            Tensor between = Functional.PRelu(Conv2d(x, of["0.weight"], of["0.bias"]), of["1.weight"]);
            Tensor two = Conv2d(between, of["2.weight"], of["2.bias"]);
            return [one, Functional.Relu(one), one + plus, two, two + plus];
        }

        static Tensor Conv2d(Tensor x, Tensor weight, Tensor bias) =>
            Operators.Conv2d.Call(x, weight, bias, (long[])[1, 1], (long[])[1, 1], (long[])[1, 1], 1);
    }

    [Theory]
    [InlineData(2, 32, 64, false)]
    [InlineData(2, 16, 64, false)]
    [InlineData(3, 32, 144, false)]
    [InlineData(2, 32, 64, true)]
    [InlineData(2, 32, 32, false)] // of which the operator makes no pixels, for they would have eight channels
    public void A_pixel_shuffle_behind_a_layer_is_what_libtorch_makes_of_it(int factor, int inputs, int outputs, bool isHalf)
    {
        SkipWhereItCannot(isHalf);
        using TensorScope scope = new();
        using Sequential row = new(new Conv2d(inputs, outputs, 3, _random, padding: 1), new PixelShuffle(factor), new PRelu(outputs / factor / factor));
        Dictionary<string, Tensor> of = row.NamedParameters().ToDictionary(entry => entry.Name, entry => entry.Tensor);
        row.RequireGrad(false);
        _ = of["2.weight"].NormalInPlace(0, 1, _random);
        Tensor x = Laid(Tensor.Randn([2, inputs, 13, 10], _random), false);

        using Autocast cast = new(DeviceType.Cpu, DType.BFloat16, isHalf);
        using ArithmeticCount count = new();
        Tensor found = row.Forward(x);
        double operations = count.Operations;

        Tensor convolved = Operators.Conv2d.Call(x, of["0.weight"], of["0.bias"], (long[])[1, 1], (long[])[1, 1], (long[])[1, 1], 1);
        Tensor expected = Functional.PRelu(Functional.PixelShuffle(convolved, factor), of["2.weight"]);
        Near.Assert(expected.To(DType.Float32), found.To(DType.Float32), isHalf ? 0.03 : 1e-5);
        Assert.Equal(2.0 * 2 * 13 * 10 * inputs * outputs * 9, operations);
    }

    [Fact]
    public void Products_of_bf16_are_in_larger_tiles_where_that_is_asked_for()
    {
        Assert.SkipUnless(Engine.CanMultiplyBf16, "This processor does not multiply bf16.");
        using TensorScope scope = new();
        using Conv2d layer = new(32, 48, 3, _random, padding: 1, bias: false);
        layer.RequireGrad(false);
        Tensor x = Laid(Tensor.Randn([1, 32, 25, 30], _random), true);
        Tensor exact = Operators.ConvolvePlain.Call(x, layer.Weight, Value.None, Value.None, Value.None, 1, true).To(DType.Float32);
        using Bf16Products always = Bf16Products.EvenWhereSlower();
        foreach (int tile in (int[])[2, 4, 2])
        {
            using Autocast cast = new(DeviceType.Cpu, DType.BFloat16);
            using Bf16Products products = Bf16Products.InLargeTiles(tile == 4);
            Tensor packed = Operators.PackFilters.Call(layer.Weight, tile, true, false);
            Tensor expected = Convolve(x, packed, 48, tile, toHalf: true);
            Tensor found = layer.Forward(x);
            Assert.Equal(expected.To(DType.Float32).ToArray<float>(), found.To(DType.Float32).ToArray<float>());
            Near.Assert(exact, found.To(DType.Float32), tile == 4 ? 0.05 : 0.02);
        }
    }

    // In double precision by libtorch; the error of bf16 is that of a number of eight bits, which goes into all gradients.
    [Theory]
    [InlineData(4, false, false, 1e-5)]
    [InlineData(2, false, false, 1e-5)]
    [InlineData(2, true, true, 2e-2)]
    [InlineData(4, false, true, 1e-2)]
    [InlineData(0, false, false, 1e-5)]
    [InlineData(0, false, true, 1e-2)]
    public void Gradients_of_a_layer_that_is_trained_are_those_of_a_convolution(int tile, bool multipliesHalf, bool isHalf, double tolerance)
    {
        SkipWhereItCannot(isHalf);
        SeededRandom random = new(11);
        for (int round = 0; round < 30; round++)
        {
            using TensorScope scope = new();
            (int inputs, int outputs) = round == 0 && tile > 0 ? Many : (16 * (1 + random.Next(6)), 16 * (1 + random.Next(6)));
            (inputs, outputs) = tile > 0 ? (inputs, outputs) : random.Next(2) == 0 ? (1 + random.Next(4), outputs) : (inputs, 1 + random.Next(4));
            int side = tile > 0 ? 3 : 3 + (2 * random.Next(4));
            long[] size = [1 + random.Next(3), inputs, 1 + random.Next(round < 22 ? 12 : 67), 1 + random.Next(round < 22 ? 12 : 67)];
            Tensor x = Placed(isHalf ? Tensor.Randn(size, _random).To(DType.BFloat16) : Tensor.Randn(size, _random), random);
            Tensor weight = (Tensor.Randn([outputs, inputs, side, side], _random) * Math.Sqrt(2.0 / (side * side * inputs)))
                .Contiguous(random.Next(2) == 0 ? MemoryFormat.Contiguous : MemoryFormat.ChannelsLast);
            Tensor? bias = random.Next(2) == 0 ? null : Tensor.Randn([outputs], _random);
            bool isRectified = random.Next(2) == 0;
            Tensor of = Tensor.Randn([size[0], outputs, size[2], size[3]], _random).To(isHalf ? DType.BFloat16 : DType.Float32);

            Tensor[] leaves = Leaves(DType.Float32);
            Tensor found = Operators.ConvolveTrained.Call(leaves[0], leaves[1], Bias(leaves), tile, multipliesHalf, isHalf, isRectified);
            Tensor[] gradients = Autograd.Grad((found * of).Sum(), leaves);

            Tensor[] exactLeaves = Leaves(DType.Float64);
            Tensor exact = Functional.Conv2d(exactLeaves[0], exactLeaves[1], Bias(exactLeaves), padding: side / 2);
            // A number near 0 may be rounded to the other side, where its gradient is another: the sides are those that were found.
            exact = isRectified ? exact * found.Detach().IsGreater(0).To(DType.Float64) : exact;
            Tensor[] expected = Autograd.Grad((exact * of.To(DType.Float64)).Sum(), exactLeaves);

            foreach ((Tensor one, Tensor other) in gradients.Zip(expected))
            {
                double scale = other.Square().Mean().Sqrt().Item() + 1e-3; // of what may be 0
                double error = (one.To(DType.Float64) - other).Square().Mean().Sqrt().Item();
                Assert.True(error <= tolerance * scale, $"{error / scale:E2} of {one} at {x} to {outputs} channels, round {round}");
            }

            Tensor[] Leaves(DType type) => [.. new[] { x, weight, bias }.OfType<Tensor>().Select(tensor =>
            {
                Tensor leaf = type == DType.Float64 ? tensor.To(type) : tensor.Detach();
                leaf.RequiresGrad = true;
                return leaf;
            })];
        }

        static Tensor? Bias(Tensor[] leaves) => leaves.ElementAtOrDefault(2);
    }

    [Fact]
    public void Gradients_of_gradients_of_a_layer_are_those_of_a_convolution()
    {
        using TensorScope scope = new();
        using Conv2d layer = new(32, 48, 3, _random, padding: 1);
        Tensor x = Laid(Tensor.Randn([2, 32, 25, 26], _random), false);
        float[][] found = Penalty(x, layer.Weight, layer.Bias!, (image, _, _) => layer.ForwardRelu(image));
        float[][] expected = Penalty(
            x.To(DType.Float64), Leaf(layer.Weight), Leaf(layer.Bias!),
            (image, weight, bias) => Functional.Relu(Functional.Conv2d(image, weight, bias, padding: 1)));

        for (int i = 0; i < found.Length; i++)
        {
            double scale = expected[i].Max(Math.Abs);
            Assert.All(found[i].Zip(expected[i]), pair => Assert.Equal(pair.Second, pair.First, 1e-5 * scale));
        }

        static Tensor Leaf(Tensor tensor)
        {
            Tensor leaf = tensor.Detach().To(DType.Float64);
            leaf.RequiresGrad = true;
            return leaf;
        }

        // The squared length of the gradient of an image, as R1 has it, and its gradients.
        static float[][] Penalty(Tensor x, Tensor weight, Tensor bias, Func<Tensor, Tensor, Tensor, Tensor> layer)
        {
            Tensor image = x.Detach();
            image.RequiresGrad = true;
            Tensor gradient = Autograd.Grad(layer(image, weight, bias).Square().Sum(), [image], createGraph: true)[0];
            return [.. Autograd.Grad(gradient.Square().Sum(), [image, weight, bias]).Select(one => one.To(DType.Float32).ToArray<float>())];
        }
    }

    [Theory]
    [InlineData(48, 3)]
    [InlineData(3, 9)]
    public void Any_number_of_threads_gives_the_same_gradient_of_filters(int outputs, int side)
    {
        using TensorScope scope = new();
        Tensor x = Laid(Tensor.Randn([3, 32, 61, 45], _random), false);
        Tensor gradient = Laid(Tensor.Randn([3, outputs, 61, 45], _random), false);
        int before = Engine.Threads;
        float[][] found = [.. new[] { 1, 2, 3, 7 }.Select(threads =>
        {
            Engine.Threads = threads;
            return Operators.FilterGradient.Call(x, gradient, side, false).ToArray<float>();
        })];
        Engine.Threads = before;
        Assert.All(found, one => Assert.Equal(found[0], one));
    }

    [Fact]
    public void Filters_that_are_written_to_are_packed_anew()
    {
        using TensorScope scope = new();
        using Conv2d layer = new(32, 32, 3, _random, padding: 1, bias: false);
        layer.RequireGrad(false);
        Tensor x = Laid(Tensor.Randn([1, 32, 8, 8], _random), false);
        Tensor first = layer.Forward(x);
        _ = layer.Weight.FillInPlace(0);
        Assert.True(first.Abs().Max().Item() > 0.1);
        Assert.Equal(0, layer.Forward(x).Abs().Max().Item());
    }

    [Fact]
    public void Gradients_to_an_image_go_by_libtorch()
    {
        using TensorScope scope = new();
        using Conv2d layer = new(32, 32, 3, _random, padding: 1);
        layer.RequireGrad(false);
        Tensor x = Tensor.Randn([1, 32, 8, 8], _random);
        x.RequiresGrad = true;
        Assert.True(Autograd.Grad(layer.Forward(x).Square().Mean(), [x])[0].Abs().Max().Item() > 0);
        Tensor plus = Tensor.Randn([1, 32, 8, 8], _random);
        plus.RequiresGrad = true;
        Assert.True(Autograd.Grad(layer.ForwardPlus(x.Detach(), plus).Square().Mean(), [plus])[0].Abs().Max().Item() > 0);
    }

    [Fact]
    public void Threads_that_use_one_layer_in_both_precisions_do_not_disturb_each_other()
    {
        using TensorScope scope = new();
        using Conv2d layer = new(32, 32, 3, _random, padding: 1);
        layer.RequireGrad(false);
        float[] image = Laid(Tensor.Randn([1, 32, 16, 16], _random), false).ToArray<float>();
        float[][] found = new float[8][];
        Parallel.For(0, found.Length, i =>
        {
            using TensorScope own = new();
            using Autocast cast = new(DeviceType.Cpu, DType.BFloat16, i % 2 == 1);
            found[i] = layer.Forward(Laid(Tensor.From(image, 1, 32, 16, 16), false)).To(DType.Float32).ToArray<float>();
        });
        Assert.All(found.Index(), one => Assert.Equal(found[one.Index % 2], one.Item));
    }

    [Fact]
    public void What_does_not_fit_is_refused_by_name()
    {
        using TensorScope scope = new();
        Tensor x = Laid(Tensor.Zeros([1, 32, 4, 4]), false);
        Tensor packed = Operators.PackFilters.Call(Tensor.Zeros([32, 32, 3, 3]), 4, false, false);
        Assert.Contains("multiple of 16", Refusal(Laid(Tensor.Zeros([1, 8, 4, 4]), false), packed, 32, 4), StringComparison.Ordinal);
        Assert.Contains("packed holds", Refusal(x, packed, 48, 4), StringComparison.Ordinal);
        Assert.Contains("packed holds", Refusal(x, packed, 32, 2), StringComparison.Ordinal);
        Assert.Contains("tile must be 0, 1, 2 or 4", Refusal(x, packed, 32, 3), StringComparison.Ordinal);
        Assert.Contains("these are of 5", Refusal(x, packed, 32, 4, side: 5), StringComparison.Ordinal);
        Assert.Contains("these are of 11", Refusal(x, packed, 3, 0, side: 11), StringComparison.Ordinal);
        Assert.Contains("filters of 9x9", Refusal(x, packed, 3, 0, side: 9), StringComparison.Ordinal);
        Assert.Contains("spread must be 1", Refusal(x, packed, 32, 4, spread: 2), StringComparison.Ordinal);
        Tensor half = Laid(Tensor.Zeros([1, 16, 4, 4]), false);
        Assert.Contains("multiple of 16", RefusalOf([Laid(Tensor.Zeros([1, 24, 4, 4]), false), half], packed), StringComparison.Ordinal);
        Assert.Contains("packed holds", RefusalOf([half, half, half], packed), StringComparison.Ordinal);
        Assert.Contains("alike", RefusalOf([half, Laid(Tensor.Zeros([1, 16, 5, 4]), false)], packed), StringComparison.Ordinal);
        Assert.Contains("alike", RefusalOf([half, half.To(DType.BFloat16)], packed), StringComparison.Ordinal);
        Assert.Contains("there are 0", RefusalOf([], packed), StringComparison.Ordinal);
        Assert.Contains("there are 17", RefusalOf([.. Enumerable.Repeat(half, 17)], packed), StringComparison.Ordinal);
        Assert.Contains("for all of 2 images", RefusalOf([half, half], packed, half), StringComparison.Ordinal);

        static string Refusal(Tensor x, Tensor packed, int outputs, int tile, int side = 3, int spread = 1) => Assert.ThrowsAny<TorchException>(
            () => Convolve(x, packed, outputs, tile, side, spread)).Message;

        static string RefusalOf(Tensor[] images, Tensor packed, params Tensor[] above) => Assert.ThrowsAny<TorchException>(
            () => Convolve(images, above, packed, 32, 4)).Message;
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Images_beside_each_other_give_the_same_bytes_as_in_one(bool isHalf)
    {
        SkipWhereItCannot(isHalf);
        using TensorScope scope = new();
        using Conv2d layer = new(160, 32, 1, _random);
        layer.RequireGrad(false);
        using Autocast cast = new(DeviceType.Cpu, DType.BFloat16, isHalf);
        Tensor x = Laid(Tensor.Randn([2, 160, 9, 11], _random), isHalf);
        Tensor[] parts = [x.Narrow(1, 0, 64), x.Narrow(1, 64, 32).Contiguous(), x.Narrow(1, 96, 64)];

        Tensor beside = layer.ForwardBeside(parts);

        Assert.Equal(layer.Forward(x).To(DType.Float32).ToArray<float>(), beside.To(DType.Float32).ToArray<float>());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Dense_layers_are_those_of_libtorch_however_their_images_lie(bool isChannelsLast)
    {
        using TensorScope scope = new();
        using Conv2d one = new(32, 32, 3, _random, padding: 1);
        using Conv2d two = new(64, 32, 3, _random, padding: 1);
        using Conv2d fusion = new(96, 32, 1, _random);
        Tensor x = Tensor.Randn([2, 32, 9, 7], _random);
        Tensor first = Functional.Relu(Functional.Conv2d(x, one.Weight, one.Bias, padding: 1));
        Tensor second = Functional.Relu(Functional.Conv2d(Tensor.Cat([x, first], 1), two.Weight, two.Bias, padding: 1));
        Tensor expected = Functional.Conv2d(Tensor.Cat([x, first, second], 1), fusion.Weight, fusion.Bias) + x;
        Assert.Null(DenseLayers.TryForward(x, [one, two], fusion)); // while they are trained
        foreach (Conv2d layer in (Conv2d[])[one, two, fusion])
        {
            layer.RequireGrad(false);
        }

        Near.Assert(expected.Detach(), DenseLayers.TryForward(isChannelsLast ? Laid(x, false) : x, [one, two], fusion)!, 1e-5);
    }

    [Fact]
    public void Images_beside_each_other_that_do_not_fit_are_copied()
    {
        using TensorScope scope = new();
        using Conv2d layer = new(56, 32, 1, _random);
        Tensor x = Tensor.Randn([1, 56, 5, 6], _random);
        Tensor expected = Functional.Conv2d(x, layer.Weight, layer.Bias);

        // While it is trained, and for channels that no line of factors holds.
        Near.Assert(expected, layer.ForwardBeside(x.Narrow(1, 0, 40), x.Narrow(1, 40, 16)), 1e-5);
        layer.RequireGrad(false);
        Near.Assert(expected, layer.ForwardBeside(x.Narrow(1, 0, 40), x.Narrow(1, 40, 16)), 1e-5);
    }

    private static void SkipWhereItCannot(bool multiplyHalf) =>
        Assert.SkipWhen(multiplyHalf && Operators.Processor.CallForInteger() < 3, "This processor does not multiply bf16.");

    private static Tensor Convolve(Tensor x, Tensor packed, int outputs, int tile, int side = 3, int spread = 1, bool toHalf = false) =>
        Convolve([x], [], packed, outputs, tile, side, spread, toHalf);

    private static Tensor Convolve(
        Tensor[] images, Tensor[] above, Tensor packed, int outputs, int tile, int side = 3, int spread = 1, bool toHalf = false) => Operators.Convolve.Call(
        images, above, true, true, packed, Value.None, Value.None, Value.None, Value.None, outputs, tile, side, spread, toHalf);

    // One image with all channels, or several that have some.
    private static List<Tensor> ChannelsOf(Tensor image, int least, SeededRandom random)
    {
        List<Tensor> parts = [];
        long first = 0;
        while (first < image.Size(1))
        {
            long rest = image.Size(1) - first;
            long count = image.Size(1) % least == 0 && parts.Count < 15 && random.Next(2) == 0 ? least * (1 + random.Next((int)(rest / least))) : rest;
            parts.Add(image.Narrow(1, first, count));
            first += count;
        }

        return parts;
    }

    private static (Tensor?[] Rows, Tensor?[] Above) Unzipped(List<Tensor> images, SeededRandom random)
    {
        (Tensor Rows, Tensor? Above)[] split = [.. images.Select(image => Split(image, random))];
        return ([.. split.Select(one => one.Rows)], [.. split.Select(one => one.Above)]);
    }

    private static (Tensor Rows, Tensor? Above) Split(Tensor image, SeededRandom random)
    {
        long above = random.Next((int)image.Size(2));
        return (Placed(image.Narrow(2, above, image.Size(2) - above), random), above == 0 ? null : Placed(image.Narrow(2, 0, above), random));
    }

    // In channels-last format, in the usual one, or as some channels of an image that has more.
    private static Tensor Placed(Tensor image, SeededRandom random)
    {
        switch (random.Next(3))
        {
            case 0:
                return image.Contiguous(MemoryFormat.ChannelsLast);
            case 1:
                return image.Contiguous();
            default:
                Tensor wide = Tensor.Empty(
                    [image.Size(0), image.Size(1) + 48, image.Size(2), image.Size(3)], image.DType, format: MemoryFormat.ChannelsLast);
                return wide.Narrow(1, 16, image.Size(1)).CopyFrom(image);
        }
    }

    private static Tensor Laid(Tensor images, bool isHalf) =>
        (isHalf ? images.To(DType.BFloat16) : images).Contiguous(MemoryFormat.ChannelsLast);
}
