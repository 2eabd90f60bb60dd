namespace Subband.Data;

/// <summary>What a source does not use: the files refused on opening, then each undecodable item, once.</summary>
internal sealed class RefusalLog
{
    private readonly Lock _lock = new();
    private readonly List<RefusedItem> _atOpen = [];
    private readonly SortedDictionary<long, RefusedItem> _atRead = [];
    private readonly Action<RefusedItem>? _report;

    public RefusalLog(IEnumerable<RefusedItem> atOpen, Action<RefusedItem>? report)
    {
        _report = report;
        foreach (RefusedItem item in atOpen.OrderBy(item => item.Name, StringComparer.Ordinal))
        {
            _atOpen.Add(item);
            report?.Invoke(item);
        }
    }

    /// <summary>All refusals so far, in an order that does not depend on who came first.</summary>
    public IReadOnlyList<RefusedItem> Items
    {
        get
        {
            lock (_lock)
            {
                return [.. _atOpen, .. _atRead.Values];
            }
        }
    }

    /// <summary>Notes an item that could not be decoded, and reports it if it is new.</summary>
    public void Add(long index, string name, string reason)
    {
        RefusedItem item = new(name, reason);
        bool isNew;
        lock (_lock)
        {
            isNew = _atRead.TryAdd(index, item);
        }

        if (isNew)
        {
            _report?.Invoke(item);
        }
    }
}
