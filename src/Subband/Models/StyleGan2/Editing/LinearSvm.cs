using Subband.Torch;

namespace Subband.Models.StyleGan2.Editing;

/// <summary>A plane that separates two kinds of vectors with the widest margin.</summary>
/// <remarks>
/// Hsieh, Chang, Lin, Keerthi and Sundararajan, "A Dual Coordinate Descent Method for Large-scale Linear SVM" (2008), algorithm 1 with the hinge
/// loss: minimise ½‖n‖² + C Σ max(0, 1 − yᵢ (n·xᵢ + b)), the offset b as one more number of n whose input is 1, as in LIBLINEAR.
/// </remarks>
public sealed class LinearSvm
{
    private const int MostPasses = 2000;
    private const double Tolerance = 1e-4;

    private LinearSvm(double[] normal, double offset, int passes) => (Normal, Offset, Passes) = (normal, offset, passes);

    /// <summary>n.</summary>
    public IReadOnlyList<double> Normal { get; }

    /// <summary>b.</summary>
    public double Offset { get; }

    /// <summary>Passes over all vectors that were needed; 2000 where it did not settle.</summary>
    public int Passes { get; }

    /// <summary>Learns the plane.</summary>
    /// <param name="vectors">The vectors, of one length.</param>
    /// <param name="arePositive">The kind of each.</param>
    /// <param name="penalty">C, what a vector on the wrong side costs.</param>
    /// <param name="seed">Of the order in which vectors are looked at.</param>
    /// <exception cref="ArgumentException">There are not both kinds, or lengths differ.</exception>
    public static LinearSvm Learn(IReadOnlyList<float[]> vectors, IReadOnlyList<bool> arePositive, double penalty = 1, ulong seed = 1)
    {
        ArgumentNullException.ThrowIfNull(vectors);
        ArgumentNullException.ThrowIfNull(arePositive);
        if (vectors.Count != arePositive.Count || !arePositive.Contains(true) || !arePositive.Contains(false))
        {
            throw new ArgumentException("A plane needs vectors of both kinds, and the kind of each.", nameof(arePositive));
        }

        var width = vectors[0].Length;
        if (vectors.Any(vector => vector.Length != width))
        {
            throw new ArgumentException("The vectors differ in length.", nameof(vectors));
        }

        var n = new double[width + 1];
        var alpha = new double[vectors.Count];
        double[] lengths = [.. vectors.Select(vector => 1 + vector.Sum(x => (double)x * x))];
        int[] order = [.. Enumerable.Range(0, vectors.Count)];
        var passes = 0;
        for (var most = double.PositiveInfinity; most > Tolerance && passes < MostPasses; passes++)
        {
            most = 0;
            Shuffle(order, SeededRandom.For(seed, 0, (ulong)passes));
            foreach (var i in order)
            {
                double y = arePositive[i] ? 1 : -1;
                var gradient = (y * (Dot(n, vectors[i]) + n[width])) - 1;
                var projected = alpha[i] == 0 ? Math.Min(gradient, 0) : alpha[i] == penalty ? Math.Max(gradient, 0) : gradient;
                most = Math.Max(most, Math.Abs(projected));
                if (projected != 0)
                {
                    var before = alpha[i];
                    alpha[i] = Math.Clamp(before - (gradient / lengths[i]), 0, penalty);
                    Add(n, vectors[i], (alpha[i] - before) * y);
                }
            }
        }

        return new LinearSvm(n[..width], n[width], passes);
    }

    /// <summary>How far a vector lies on the positive side, in units of the margin.</summary>
    public double Score(ReadOnlySpan<float> vector)
    {
        var sum = Offset;
        for (var j = 0; j < vector.Length; j++)
        {
            sum += Normal[j] * vector[j];
        }

        return sum;
    }

    private static double Dot(double[] n, float[] x)
    {
        var sum = 0.0;
        for (var j = 0; j < x.Length; j++)
        {
            sum += n[j] * x[j];
        }

        return sum;
    }

    private static void Add(double[] n, float[] x, double factor)
    {
        for (var j = 0; j < x.Length; j++)
        {
            n[j] += factor * x[j];
        }

        n[^1] += factor;
    }

    private static void Shuffle(int[] order, SeededRandom random)
    {
        for (var i = order.Length - 1; i > 0; i--)
        {
            var j = random.Next(i + 1);
            (order[i], order[j]) = (order[j], order[i]);
        }
    }
}
