namespace Subband.Torch;

/// <summary>How Subband's own convolutions compute where autocast asks for bf16, on this thread and until disposed.</summary>
/// <remarks>
/// Unasked they multiply bf16 where the processor is faster so, by Winograd's method in tiles of 2×2, whose error is that of numbers of
/// eight bits. A ref struct, so that it cannot cross an <c>await</c>.
/// </remarks>
public readonly ref struct Bf16Products : IDisposable
{
    [ThreadStatic]
    private static Rule _rule;

    private readonly Rule _before;

    private Bf16Products(Rule rule)
    {
        _before = _rule;
        _rule = rule;
    }

    [Flags]
    private enum Rule
    {
        Accurate = 0,
        LargeTiles = 1,
        EvenWhereSlower = 2,
    }

    internal static bool AreInLargeTiles => _rule.HasFlag(Rule.LargeTiles);

    internal static bool AreWantedEvenWhereSlower => _rule.HasFlag(Rule.EvenWhereSlower);

    /// <summary>Multiplies in tiles of 4×4: little more than half as many products, whose rounding costs several times as much.</summary>
    /// <param name="enabled">False for tiles of 2×2, so that one code serves both.</param>
    public static Bf16Products InLargeTiles(bool enabled = true) => new(enabled ? _rule | Rule.LargeTiles : _rule & ~Rule.LargeTiles);

    /// <summary>Multiplies bf16 where the processor can at all, such as to learn what it costs on others that are faster so.</summary>
    public static Bf16Products EvenWhereSlower() => new(_rule | Rule.EvenWhereSlower);

    /// <summary>Restores what held before.</summary>
    public void Dispose() => _rule = _before;
}
