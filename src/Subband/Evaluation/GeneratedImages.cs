using Subband.Imaging;
using Subband.Models;
using Subband.Torch;

namespace Subband.Evaluation;

/// <summary>Many images of a model, made in parts that fit into memory, as the bytes that files would hold.</summary>
internal static class GeneratedImages
{
    private const int PartSize = 500;
    private const ulong Stream = 0x4556_414C;

    /// <summary>Makes images; of a model with classes, of all classes in turn.</summary>
    /// <param name="model">The model.</param>
    /// <param name="options">How many, and from which random numbers.</param>
    /// <param name="use">
    /// Is given bytes [n, 3, H, W], which live until it returns; of a model of grey images the same three times, and what is transparent
    /// laid on white.
    /// </param>
    public static void ForEachPart(IImageGenerator model, EvaluationOptions options, Action<Tensor> use)
    {
        for (var start = 0; start < options.Samples; start += PartSize)
        {
            options.Stop.ThrowIfCancellationRequested();
            using var scope = new TensorScope();
            var size = Math.Min(PartSize, options.Samples - start);
            var seed = SeededRandom.For(options.Seed, Stream, (ulong)start).NextUInt64();
            int[]? labels = model.Classes.Count == 0 ? null : [.. Enumerable.Range(start, size).Select(i => i % model.Classes.Count)];
            use(ToBytes(TensorImages.ToRgb(model.Generate(size, seed, labels), PixelRange.Signed)));
            options.Tell("Making samples", start + size, options.Samples);
        }
    }

    /// <summary>All of these images.</summary>
    /// <returns>Bytes [N, 3, H, W].</returns>
    public static Tensor All(IImageGenerator model, EvaluationOptions options)
    {
        using var scope = new TensorScope();
        var all = Tensor.Empty([options.Samples, 3, model.Height, model.Width], DType.UInt8);
        var done = 0L;
        ForEachPart(model, options, images =>
        {
            all.Narrow(0, done, images.Size(0)).CopyFrom(images);
            done += images.Size(0);
        });
        return scope.Keep(all);
    }

    /// <summary>Images as files would hold them: rounded half up, as by <see cref="TensorImages.ToImages"/>.</summary>
    /// <param name="images">[N, 3, H, W] in [-1, 1].</param>
    /// <returns>Bytes [N, 3, H, W].</returns>
    public static Tensor ToBytes(Tensor images)
    {
        using var scope = new TensorScope();
        return scope.Keep(((images * 127.5) + 127.5).Clamp(0, 255).AddInPlace(0.5).Floor().To(DType.UInt8));
    }
}
