using Subband.Torch;

namespace Subband.Models.StyleGan2.Editing;

/// <summary>A sample and how much it has of something.</summary>
/// <param name="Number">Its place in the row of a seed.</param>
/// <param name="Score">How much.</param>
/// <param name="Label">Its class; null where the classes were made in turn, or there are none.</param>
public readonly record struct ScoredSample(int Number, double Score, int? Label = null);

/// <summary>What separates the styles of samples that have much of something from those that have little.</summary>
/// <param name="Plane">The plane.</param>
/// <param name="Learned">From how many samples.</param>
/// <param name="Tested">On how many others it was tried.</param>
/// <param name="Accuracy">On which share of those it is right.</param>
/// <remarks>
/// Shen et al. 2020 and <c>train_boundary</c> of genforce/interfacegan: of all samples those with the most and the least count, seven tenths of them to
/// learn from and the rest to try.
/// </remarks>
public sealed record LearnedDirection(LinearSvm Plane, int Learned, int Tested, double Accuracy)
{
    private const double UsualShare = 0.02;
    private const double ShareOfLearned = 0.7;
    private const int LeastOfKind = 2;
    private const ulong Stream = 0x4C45_4152;

    /// <summary>Learns it.</summary>
    /// <param name="model">The model.</param>
    /// <param name="scores">The samples; where there are only two scores, all of them count.</param>
    /// <param name="seed">The seed of the samples.</param>
    /// <param name="share">Which share counts as much, and which as little; null for 0.02, or for all where there are two scores.</param>
    /// <exception cref="UsageException">There are too few samples, or all have the same score.</exception>
    public static LearnedDirection Learn(StyleGan2Model model, IReadOnlyList<ScoredSample> scores, ulong seed, double? share = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(scores);
        var (much, little) = Extremes(scores, share);
        SeededRandom random = SeededRandom.For(seed, Stream, 0);
        var (learnMuch, tryMuch) = Divide(much, random);
        var (learnLittle, tryLittle) = Divide(little, random);
        var plane = LinearSvm.Learn(
            [.. Styles(model, [.. learnMuch, .. learnLittle], seed)],
            [.. learnMuch.Select(_ => true), .. learnLittle.Select(_ => false)]);
        var right = Styles(model, tryMuch, seed).Count(w => plane.Score(w) > 0) + Styles(model, tryLittle, seed).Count(w => plane.Score(w) <= 0);
        var tested = tryMuch.Length + tryLittle.Length;
        return new LearnedDirection(plane, learnMuch.Length + learnLittle.Length, tested, (double)right / tested);
    }

    private static (ScoredSample[] Much, ScoredSample[] Little) Extremes(IReadOnlyList<ScoredSample> scores, double? share)
    {
        ScoredSample[] sorted = [.. scores.OrderBy(sample => sample.Score)];
        var kinds = sorted.Select(sample => sample.Score).Distinct().Count();
        if (kinds < 2)
        {
            throw new UsageException($"All of the {scores.Count} samples have the same score; a direction leads from some that have little to some that have much.");
        }

        if (kinds == 2 && share is null)
        {
            var little = sorted.Count(sample => sample.Score == sorted[0].Score);
            return Require(sorted[little..], sorted[..little]);
        }

        var count = (int)Math.Round(sorted.Length * (share ?? UsualShare));
        return Require(sorted[^count..], sorted[..count]);
    }

    private static (ScoredSample[] Much, ScoredSample[] Little) Require(ScoredSample[] much, ScoredSample[] little) => Math.Min(much.Length, little.Length) >= LeastOfKind
        ? (much, little)
        : throw new UsageException(
            $"{much.Length} samples have much and {little.Length} little; at least {LeastOfKind} of each are needed. Score more samples, or let a larger --share count.");

    private static (ScoredSample[] Learned, ScoredSample[] Tried) Divide(ScoredSample[] samples, SeededRandom random)
    {
        ScoredSample[] shuffled =
            [.. samples.Select(sample => (sample, random.NextUInt64())).OrderBy(entry => entry.Item2).Select(entry => entry.sample)];
        var learned = Math.Clamp((int)Math.Round(shuffled.Length * ShareOfLearned), 1, shuffled.Length - 1);
        return (shuffled[..learned], shuffled[learned..]);
    }

    private static IEnumerable<float[]> Styles(StyleGan2Model model, ScoredSample[] samples, ulong seed) => samples.Select(sample =>
    {
        using var scope = new TensorScope();
        int[] labels = [sample.Label ?? model.LabelAt(sample.Number)];
        return model.Styles(model.Latents(1, seed, sample.Number), labels).To(Device.Cpu).ToArray<float>();
    });
}
