using Subband.Torch;
using Subband.Torch.Modules;

namespace Subband.Tests.Models.StyleGan2;

/// <summary>Numbers that any language makes alike, of mean 0 and deviation 1: the k-th tensor's j-th is a hash of both.</summary>
internal static class HashedValues
{
    /// <summary>The k-th tensor.</summary>
    public static Tensor Of(long k, params long[] shape)
    {
        var values = new float[shape.Aggregate(1L, (product, size) => product * size)];
        for (var j = 0; j < values.Length; j++)
        {
            values[j] = (float)Value(j, k);
        }

        return Tensor.From(values, shape);
    }

    /// <summary>Fills a network's parameters, the first with tensor 0, so that its signals keep their strength.</summary>
    public static void Fill(Module network) => Fill(network.NamedParameters());

    /// <summary>Fills parameters in the order of a network's.</summary>
    public static void Fill(IEnumerable<(string Name, Tensor Tensor)> parameters)
    {
        using var noGrad = Autograd.NoGrad();
        foreach (var (k, (name, parameter)) in parameters.Index())
        {
            using var scope = new TensorScope();
            var v = Of(k, parameter.Shape.ToArray());
            parameter.CopyFrom(name switch
            {
                _ when name.StartsWith("style.", StringComparison.Ordinal) && name.EndsWith(".weight", StringComparison.Ordinal) => v * 100,
                _ when name.EndsWith("modulation.bias", StringComparison.Ordinal) => 1 + (v * 0.1),
                _ when name.EndsWith("bias", StringComparison.Ordinal) || name.EndsWith("noise.weight", StringComparison.Ordinal) => v * 0.1,
                _ => v,
            });
        }
    }

    private static double Value(long j, long k)
    {
        var h = unchecked((uint)((j * 2654435761L) + (k * 40503L) + 12345L));
        h ^= h >> 16;
        h = unchecked(h * 2246822519u);
        h ^= h >> 13;
        return ((h / 2147483648.0) - 1) * 1.7320508;
    }
}
