using Subband.Torch;

namespace Subband.Data;

/// <summary>Which item stands at which place of an endless walk through a source: a pure function of plan and place.</summary>
internal sealed class ItemOrder
{
    /// <summary>The random streams of this namespace; each use has its own.</summary>
    public const ulong ShuffleStream = 0x5355_4646;
    public const ulong DrawStream = 0x4452_4157;

    private readonly BatchOrder _order;
    private readonly ulong _seed;
    private readonly long? _count;
    private readonly Lock _lock = new();

    // Batches are built ahead of their use: two epochs can be in work at a time.
    private readonly (long Epoch, int[] Items)[] _epochs = [(-1, []), (-1, [])];

    public ItemOrder(BatchPlan plan, long? count) => (_order, _seed, _count) = (plan.Order, plan.Seed, count);

    /// <summary>The item at a place, from 0.</summary>
    public long At(long place)
    {
        if (_count is not long count)
        {
            return place;
        }

        (long epoch, long within) = Math.DivRem(place, count);
        return _order switch
        {
            BatchOrder.Sequential => within,
            BatchOrder.WithReplacement => SeededRandom.For(_seed, DrawStream, (ulong)place).Next(checked((int)count)),
            _ => Epoch(epoch, checked((int)count))[within],
        };
    }

    private int[] Epoch(long epoch, int count)
    {
        lock (_lock)
        {
            ref (long Epoch, int[] Items) slot = ref _epochs[epoch % 2];
            if (slot.Epoch != epoch)
            {
                slot = (epoch, Shuffle(_seed, epoch, count));
            }

            return slot.Items;
        }
    }

    // Durstenfeld's form of the Fisher-Yates shuffle.
    private static int[] Shuffle(ulong seed, long epoch, int count)
    {
        SeededRandom random = SeededRandom.For(seed, ShuffleStream, (ulong)epoch);
        int[] items = [.. Enumerable.Range(0, count)];
        for (int i = count - 1; i > 0; i--)
        {
            int j = random.Next(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }

        return items;
    }
}
