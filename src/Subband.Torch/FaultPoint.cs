namespace Subband.Torch;

/// <summary>
/// The places of a save where a process may be killed or a write may fail. Tests set <see cref="Hook"/> to throw, or to
/// look at the disk, at each of them; otherwise a place costs one field access.
/// </summary>
internal static class FaultPoint
{
    // The hook belongs to the flow of execution that set it: a test that runs beside another never meets its faults.
    private static readonly AsyncLocal<Action<string>?> Current = new();

    /// <summary>Called with the name of each place that the current flow of execution reaches; null outside tests.</summary>
    internal static Action<string>? Hook
    {
        get => Current.Value;
        set => Current.Value = value;
    }

    /// <summary>Says that a place is reached, before what is done there.</summary>
    internal static void Reach(string where) => Hook?.Invoke(where);
}
