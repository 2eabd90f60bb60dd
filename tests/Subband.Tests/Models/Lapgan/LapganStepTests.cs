using System.Text.Json;
using Subband.Models;
using Subband.Models.Lapgan;
using Subband.Torch;
using Subband.Training;

namespace Subband.Tests.Models.Lapgan;

/// <summary>
/// Whole training steps of a level against PyTorch's on the same weights, images and random numbers
/// (<c>lapgan_step_golden.py</c>): which images are judged as what, the losses, their gradients, the optimisers and their
/// schedules.
/// </summary>
public class LapganStepTests
{
    private const int BatchSize = 8;
    private const int Classes = 3;
    private const double Tolerance = 5e-3; // of a weight's largest move; float32 here, float64 there, and Adam magnifies the least gradient

    private const string Paper =
        "base.generatorWidths=16,16;base.discriminatorWidths=16,16;"
        + "optimizer.epochImages=12;optimizer.momentumStep=0.15;optimizer.decay=0.25";

    private const string Modern =
        "base.generatorWidths=4;base.discriminatorWidths=4;band.conditionNoise=0.1;loss.r1=0.1;loss.r1Interval=3;"
        + "optimizer.generatorRate=0.002;optimizer.discriminatorRate=0.001;optimizer.averageKimg=0.02";

    private static readonly Lazy<Dictionary<string, Golden>> Expected = new(() =>
        JsonSerializer.Deserialize<Dictionary<string, Golden>>(
            File.ReadAllText(Path.Combine(
                TestData.RepositoryRoot, "tests", "Subband.Tests", "Models", "Lapgan", "lapgan_step_golden.json")),
            JsonSerializerOptions.Web)!);

    [Theory]
    [InlineData("lapgan-cifar10-paper/0", "lapgan-cifar10-paper", Paper)]
    [InlineData("lapgan-cifar10-paper/1", "lapgan-cifar10-paper", Paper)]
    [InlineData("lapgan-cifar10-paper-cc/0", "lapgan-cifar10-paper-cc", Paper)]
    [InlineData("lapgan-cifar10-paper-cc/1", "lapgan-cifar10-paper-cc", Paper)]
    [InlineData("lapgan-cifar10/0", "lapgan-cifar10", Modern)]
    [InlineData("lapgan-cifar10/1", "lapgan-cifar10", Modern)]
    [InlineData("hinge/0", "lapgan-cifar10", Modern + ";loss.kind=hinge")]
    public void Steps_move_every_weight_as_they_do_in_PyTorch(string golden, string preset, string changes)
    {
        using var scope = new TensorScope();
        var settings = (LapganSettings)$"{changes};training.batchSize={BatchSize};pyramid.sizes=16,8;band.generatorWidths=4;band.discriminatorWidths=4"
            .Split(';')
            .Aggregate(ModelRegistry.Preset(preset).Preset.Settings, SettingsTree.Apply);
        using var random = new Generator(0);
        using var level = NewLevel(settings, golden[^1] - '0', random);
        var before = Weights(level);

        var expected = Expected.Value[golden];
        for (var step = 0; step < expected.Figures.Length; step++)
        {
            random.Seed((ulong)step);
            Assert.All(expected.Figures[step].Zip(Step(level, settings, step)), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
        }

        var after = Weights(level);
        Assert.Equal(expected.Moved.Keys.Order(), after.Keys.Order());
        Assert.All(expected.Moved, weight => AssertMoved(weight.Value, before[weight.Key], after[weight.Key]));
    }

    private static LapganLevel NewLevel(LapganSettings settings, int index, Generator random)
    {
        using var initial = new Generator(0);
        var context = new TrainingContext(
            Device.Cpu, Precision.Fp32, 0, random, [], () => throw new InvalidOperationException("A level measures no statistics."));
        var level = new LapganLevel(settings, index, settings.Conditional ? Classes : 0, initial, context);
        foreach (var network in Tensors(level).GroupBy(tensor => tensor.Name.Split('.')[0], tensor => tensor.Tensor))
        {
            GoldenFill.Fill(network);
        }

        return level;
    }

    // The losses of D and G, and the shares of real and of generated images that D told right.
    private static IEnumerable<double> Step(LapganLevel level, LapganSettings settings, int step)
    {
        var size = settings.Pyramid.Sizes[level.Index];
        var isCoarsest = level.Index == settings.Pyramid.Sizes.Count - 1;
        long[] labels = [.. Enumerable.Range(step, BatchSize).Select(i => (long)i % Classes)];
        var measures = new List<Measure>();
        level.Step(
            GoldenFill.Filled(201 + step, 2, BatchSize, 3, size, size),
            isCoarsest ? null : GoldenFill.Filled(301 + step, 2, BatchSize, 3, size, size),
            settings.Conditional ? Tensor.From(labels).OneHot(Classes).To(DType.Float32) : null,
            measures);
        return new[] { "discriminator", "generator", "realAccuracy", "generatedAccuracy" }
            .Select(name => measures.Single(measure => measure.Name == $"level{level.Index}.{name}").Value.Item());
    }

    private static void AssertMoved(double[] expected, float[] before, float[] after)
    {
        double[] moves = [.. after.Zip(before, (to, from) => (double)to - from)];
        var stride = Math.Max(1, moves.Length / 6);
        double[] some = [.. moves.Where((_, i) => i % stride == 0)];
        Assert.Equal(expected[0], Math.Sqrt(moves.Sum(move => move * move)), Tolerance * expected[0]);
        Assert.Equal(expected.Length - 1, some.Length);
        var largest = expected.Skip(1).Max(Math.Abs);
        Assert.All(expected.Skip(1).Zip(some), pair => Assert.Equal(pair.First, pair.Second, Tolerance * largest));
    }

    private static Dictionary<string, float[]> Weights(LapganLevel level) =>
        Tensors(level).ToDictionary(tensor => tensor.Name, tensor => tensor.Tensor.Contiguous().ToArray<float>());

    // Such as generator.conv1.weight.
    private static IEnumerable<(string Name, Tensor Tensor)> Tensors(LapganLevel level) =>
        level.ModelTensors().Select(tensor => (tensor.Name[$"levels.{level.Index}.".Length..], tensor.Tensor));

    private sealed record Golden(double[][] Figures, Dictionary<string, double[]> Moved);
}
