using System.Globalization;

namespace Subband.Torch.Modules;

/// <summary>Parts of one kind, named 0, 1, 2, … as in PyTorch, between which somebody else draws the arrows.</summary>
/// <typeparam name="T">The kind.</typeparam>
public sealed class ModuleList<T> : Module
    where T : Module
{
    /// <summary>Puts parts in a row, of which this module becomes the owner.</summary>
    public ModuleList(IEnumerable<T> items)
    {
        Items = [.. items];
        for (var i = 0; i < Items.Length; i++)
        {
            Child(i.ToString(CultureInfo.InvariantCulture), Items[i]);
        }
    }

    /// <summary>The parts.</summary>
    public T[] Items { get; }
}
