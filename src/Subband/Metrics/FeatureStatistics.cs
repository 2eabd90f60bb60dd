using Subband.Torch;

namespace Subband.Metrics;

/// <summary>The mean and covariance of feature vectors, gathered batch by batch in float64 on the CPU.</summary>
/// <remarks>
/// Memory does not grow with the number of images: sums of products need d² numbers. While there are no more images
/// than dimensions the vectors themselves are kept beside the sums, because the covariance is then singular and the
/// vectors are its exact square root; they are dropped as soon as there are more.
/// </remarks>
public sealed class FeatureStatistics : IDisposable
{
    private readonly List<Tensor> _rows = [];
    private readonly Tensor _sum; // [d], of vectors less the origin
    private readonly Tensor _products; // [d, d], of vectors less the origin
    private Tensor? _origin; // [d]: near the mean, so that the sums lose no digits

    /// <summary>Begins without images.</summary>
    /// <param name="protocol">How the features are made.</param>
    public FeatureStatistics(FeatureProtocol protocol)
    {
        ArgumentNullException.ThrowIfNull(protocol);
        Protocol = protocol;
        _sum = TensorScope.Release(Tensor.Zeros([Dimensions], DType.Float64));
        _products = TensorScope.Release(Tensor.Zeros([Dimensions, Dimensions], DType.Float64));
    }

    /// <summary>How the features are made.</summary>
    public FeatureProtocol Protocol { get; }

    /// <summary>The length of a feature vector, d.</summary>
    public int Dimensions => Protocol.Dimensions;

    /// <summary>The number of images so far.</summary>
    public long Count { get; private set; }

    /// <summary>Adds the features of some images.</summary>
    /// <param name="features">[N, d], any floating type and device.</param>
    /// <exception cref="TensorShapeException">The shape is not [N, d].</exception>
    /// <exception cref="SubbandException">A feature is NaN or infinite.</exception>
    public void Add(Tensor features)
    {
        ArgumentNullException.ThrowIfNull(features);
        RequireShape(features);
        using var noGrad = Autograd.NoGrad();
        using var scope = new TensorScope();
        var rows = features.Detach().To(Device.Cpu).To(DType.Float64); // [N, d]
        RequireFinite(rows);
        if (rows.Size(0) == 0)
        {
            return;
        }

        _origin ??= TensorScope.Release(rows.Mean([0]).Clone());
        var centred = rows - _origin;
        _sum.AddInPlace(centred.Sum([0]));
        _products.AddInPlace(centred.Transpose().MatMul(centred));
        Count += rows.Size(0);
        if (Count <= Dimensions)
        {
            _rows.Add(TensorScope.Release(rows.Clone()));
        }
        else
        {
            DropRows();
        }
    }

    /// <summary>The mean vector, float64 [d].</summary>
    /// <exception cref="SubbandException">There are fewer than two images.</exception>
    public Tensor Mean()
    {
        RequireTwo();
        using var scope = new TensorScope();
        return scope.Keep(_sum / Count + _origin!);
    }

    /// <summary>The covariance with divisor N − 1, float64 [d, d].</summary>
    /// <exception cref="SubbandException">There are fewer than two images.</exception>
    public Tensor Covariance()
    {
        RequireTwo();
        using var scope = new TensorScope();
        var mean = (_sum / Count).View(Dimensions, 1);
        return scope.Keep((_products - mean.MatMul(mean.Transpose()) * Count) / (Count - 1));
    }

    /// <summary>A root F of the covariance, FᵀF = Σ: [d, d], or [N, d] with no more images than dimensions.</summary>
    internal Tensor CovarianceRoot()
    {
        RequireTwo();
        using var scope = new TensorScope();
        if (Count <= Dimensions)
        {
            return scope.Keep((Tensor.Cat([.. _rows]) - Mean()) / Math.Sqrt(Count - 1));
        }

        var (values, vectors) = Covariance().EigenSymmetric(); // [d], [d, d]
        return scope.Keep((vectors * values.Clamp(0, null).Sqrt()).Transpose());
    }

    /// <summary>Frees the sums.</summary>
    public void Dispose()
    {
        DropRows();
        _sum.Dispose();
        _products.Dispose();
        _origin?.Dispose();
    }

    private void DropRows()
    {
        _rows.ForEach(rows => rows.Dispose());
        _rows.Clear();
    }

    private void RequireShape(Tensor features)
    {
        if (features.Dimensions != 2 || features.Size(1) != Dimensions)
        {
            throw new TensorShapeException(
                $"Feature statistics: features [N, {Dimensions}] were expected, the tensor is {features}.",
                nameof(FeatureStatistics));
        }
    }

    private static void RequireFinite(Tensor rows)
    {
        if (rows.IsFinite().All().Item() == 0)
        {
            throw new SubbandException(
                "A feature of an image is NaN or infinite, so that no statistics can be made. "
                + "Check the images and the weights of the feature network.");
        }
    }

    private void RequireTwo()
    {
        if (Count < 2)
        {
            throw new SubbandException($"Feature statistics need at least 2 images, but there are {Count}.");
        }
    }
}
