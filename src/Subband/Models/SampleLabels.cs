namespace Subband.Models;

/// <summary>The classes that are asked for when images are made.</summary>
internal static class SampleLabels
{
    /// <summary>Refuses what a model cannot make.</summary>
    /// <param name="classes">The model's.</param>
    /// <param name="count">How many images are wanted.</param>
    /// <param name="labels">The class of each; null where none is asked for.</param>
    /// <exception cref="UsageException">The model has no classes.</exception>
    /// <exception cref="ArgumentException">There are no images, or another number of labels.</exception>
    public static void Require(IReadOnlyList<string> classes, int count, IReadOnlyList<int>? labels)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        if (labels is null)
        {
            return;
        }

        if (classes.Count == 0)
        {
            throw new UsageException("This model has no classes, so none can be asked for.");
        }

        if (labels.Count != count)
        {
            throw new ArgumentException($"{count} images need as many labels, but {labels.Count} were given.", nameof(labels));
        }
    }
}
