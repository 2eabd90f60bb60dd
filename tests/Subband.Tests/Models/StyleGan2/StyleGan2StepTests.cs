using Subband.Models;
using Subband.Models.StyleGan2;
using Subband.Torch;
using Subband.Training;

namespace Subband.Tests.Models.StyleGan2;

/// <summary>
/// One step of a training with both penalties, beside PyTorch with the same weights, images and random numbers (<c>stylegan2_golden.py</c>): each
/// figure is computed after the optimiser's steps for those before it.
/// </summary>
public sealed class StyleGan2StepTests
{
    private const int Size = 16;

    [Theory]
    [InlineData("swagan-16", "swagan-32")]
    [InlineData("stylegan2-16", "stylegan2-32")]
    public void A_step_finds_the_losses_and_penalties_of_the_reference(string name, string preset)
    {
        using var scope = new TensorScope();
        var golden = StyleGan2Golden.FirstStep(name);
        string[] changes =
        [
            "network.doublings=2", "network.styleWidth=32", "network.mostChannels=32", "training.batchSize=8", "optimizer.partSize=0", "loss.styleMixing=0",
        ];
        var settings = (StyleGan2Settings)changes.Aggregate(ModelRegistry.Preset(preset).Preset.Settings, SettingsTree.Apply);
        using var random = new Generator(1);
        using StyleGan2Trainee trainee = new(
            preset,
            settings,
            new TrainingContext(Device.Cpu, Precision.Fp32, 1, random, [], () => throw new InvalidOperationException("no statistics are read")),
            draws: new HashedDraws(random));
        Fill("generator.");
        Fill("discriminator.");

        var measures = trainee.Step(new TrainingBatch(HashedValues.Of(7000, 8, 3, Size, Size) * 0.5, null))
            .ToDictionary(measure => measure.Name, measure => measure.Value.Item());

        AssertNear(golden.Discriminator, measures["discriminator"]);
        // What is reported has the weight γ/2 = 5.
        AssertNear(golden.R1, measures["r1"] / 5);
        AssertNear(golden.Generator, measures["generator"]);
        AssertNear(golden.Penalty, measures["pathLengthPenalty"]);
        AssertNear(golden.MeanLength, trainee.OptimizerTensors().Single(entry => entry.Name == "pathLengthMean").Tensor.Item());

        void Fill(string part) => HashedValues.Fill(trainee.ModelTensors()
            .Where(entry => entry.Name.StartsWith(part, StringComparison.Ordinal) && !entry.Name.Contains(".noises.", StringComparison.Ordinal))
            .Select(entry => (entry.Name[part.Length..], entry.Tensor)));
    }

    private static void AssertNear(double expected, double found) => Assert.Equal(expected, found, 2e-4 * Math.Abs(expected));

    /// <summary>The reference's: the discriminator's step is the first to draw, then the generator's, then path lengths.</summary>
    private sealed class HashedDraws(Generator unused) : StyleDraws(unused)
    {
        private int _latents;
        private int _noises;

        public override Tensor Latents(long count, int width) => HashedValues.Of(5000 + _latents++, count, width);

        public override Tensor[] Noises(long count, StyleGan2Generator generator)
        {
            var first = 6000 + (20 * _noises++);
            return [.. generator.Noises.Select((noise, layer) => HashedValues.Of(first + layer, count, 1, noise.Size(2), noise.Size(3)))];
        }

        public override Tensor PixelWeights(Tensor images) => HashedValues.Of(8000, images.Shape.ToArray()) / Size;
    }
}
