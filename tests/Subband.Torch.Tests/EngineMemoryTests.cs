using System.Runtime.CompilerServices;
using Subband.Torch.Modules;
using Subband.Torch.Optim;

namespace Subband.Torch.Tests;

/// <summary>Tensors and their memory, counted over the whole process.</summary>
[Collection(ProcessWide.Name)]
public sealed class EngineMemoryTests
{
    private const long Mebibyte = 1 << 20;

    [Fact]
    public void Lost_tensors_are_counted_and_freed_at_the_next_call()
    {
        CollectAll();
        Tensor.Ones([1]).Dispose(); // frees what earlier tests may have lost
        var (lost, live, before) = (Engine.LostTensors, Engine.LiveTensors, Engine.Memory());
        Lose(3);
        CollectAll();
        Assert.Equal(lost + 3, Engine.LostTensors);
        Assert.Equal(live, Engine.LiveTensors);
        Assert.Equal(before.LiveBlocks + 3, Engine.Memory().LiveBlocks); // queued, not freed by the finaliser

        Tensor.Ones([1]).Dispose();
        Assert.Equal(before.LiveBlocks, Engine.Memory().LiveBlocks);
        Assert.Equal(before.LiveBytes, Engine.Memory().LiveBytes);
    }

    [Fact]
    public void A_lost_tensor_is_reported_where_it_was_made()
    {
        var standardError = Console.Error;
        using var written = new StringWriter();
        Console.SetError(written);
        Engine.TraceLostTensors = true;
        try
        {
            Lose(1);
            CollectAll();
        }
        finally
        {
            Engine.TraceLostTensors = false;
            Console.SetError(standardError);
        }

        Tensor.Ones([1]).Dispose();
        Assert.Contains(nameof(Lose), written.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void An_operator_in_place_makes_no_second_handle()
    {
        using var tensor = Tensor.From([-1f, 2f]);
        var live = Engine.LiveTensors;
        Assert.Same(tensor, Functional.ReluInPlace(tensor));
        Assert.Equal(live, Engine.LiveTensors);
        Assert.Equal([0f, 2f], tensor.ToArray<float>());
    }

    [Fact]
    public void Statistics_add_up()
    {
        var before = Engine.Memory();
        Engine.ResetPeakMemory();
        using (var scope = new TensorScope())
        {
            _ = Tensor.Zeros([3 * Mebibyte], DType.UInt8);
            _ = Tensor.Zeros([5 * Mebibyte], DType.UInt8);
            var during = Engine.Memory();
            Assert.Equal(before.LiveBlocks + 2, during.LiveBlocks);
            Assert.InRange(during.LiveBytes - before.LiveBytes, 8 * Mebibyte, 9 * Mebibyte); // at most an eighth more
            Assert.Equal(2, during.SystemAllocations + during.ReusedAllocations - before.SystemAllocations - before.ReusedAllocations);
        }

        var after = Engine.Memory();
        Assert.Equal(before.LiveBytes, after.LiveBytes);
        Assert.Equal(before.LiveBlocks, after.LiveBlocks);
        Assert.InRange(after.PeakLiveBytes - before.LiveBytes, 8 * Mebibyte, 9 * Mebibyte);
        Engine.ResetPeakMemory();
        Assert.Equal(after.LiveBytes, Engine.Memory().PeakLiveBytes);
    }

    [Fact]
    public void A_freed_block_serves_the_next_request_of_about_its_size()
    {
        _ = Engine.Trim();
        Tensor.Empty([1_000_000]).Dispose();
        var before = Engine.Memory();
        Assert.InRange(before.CachedBytes, 4_000_000, 4_500_000);
        for (var i = 0; i < 10; i++)
        {
            Tensor.Empty([1_000_000 - i]).Dispose();
        }

        var after = Engine.Memory();
        Assert.Equal(before.SystemAllocations, after.SystemAllocations);
        Assert.Equal(before.ReusedAllocations + 10, after.ReusedAllocations);
        Assert.Equal(before.CachedBytes, after.CachedBytes);
    }

    [Fact]
    public void A_large_request_is_made_of_kept_pages_of_other_sizes()
    {
        _ = Engine.Trim();
        Filled([128, 72, 36, 18, 9]); // 131 huge pages and a half, which no other block can have
        var (before, resident) = (Engine.Memory(), ResidentBytes());
        Filled([64, 10, 50, 4, 32, 30]); // the first as spare; then 64, since the third is served as 52 MiB
        var after = Engine.Memory();
        Assert.Equal(before.SystemAllocations + 1, after.SystemAllocations);
        Assert.Equal(before.ReusedAllocations + 5, after.ReusedAllocations);
        Assert.InRange(after.CachedBytes, before.CachedBytes + (48 * Mebibyte), before.CachedBytes + (64 * Mebibyte));
        Assert.InRange(ResidentBytes() - resident, 48 * Mebibyte, 80 * Mebibyte);

        static void Filled(int[] sizes)
        {
            using TensorScope scope = new();
            foreach (var (i, tensor) in sizes.Select(mebibytes => Tensor.Empty([mebibytes * Mebibyte], DType.UInt8)).ToArray().Index())
            {
                tensor.FillInPlace(i); // every page touched
            }
        }
    }

    [Fact]
    public void Trim_gives_the_memory_back_to_the_system()
    {
        const long bytes = 256 * Mebibyte;
        _ = Engine.Trim();
        Tensor.Ones([bytes], DType.UInt8).Dispose(); // every page touched
        var cached = Engine.Memory().CachedBytes;
        var resident = ResidentBytes();
        Assert.InRange(cached, bytes, bytes * 9 / 8);
        Assert.Equal(cached, Engine.Trim());
        Assert.Equal(0, Engine.Memory().CachedBytes);
        Assert.InRange(resident - ResidentBytes(), bytes * 9 / 10, long.MaxValue);
    }

    [Fact]
    public void The_cache_never_holds_more_than_its_limit()
    {
        var half = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 2;
        _ = Engine.Trim();
        try
        {
            _ = Engine.SetCacheLimit(8 * Mebibyte);
            for (var i = 0; i < 6; i++)
            {
                using var scope = new TensorScope();
                _ = Tensor.Empty([(2 + i) * Mebibyte], DType.UInt8);
                _ = Tensor.Empty([20 * Mebibyte], DType.UInt8);
            }

            Assert.InRange(Engine.Memory().CachedBytes, 1, 8 * Mebibyte);
            Assert.Equal(8 * Mebibyte, Engine.SetCacheLimit(1));
            Assert.Equal(0, Engine.Memory().CachedBytes);
            Assert.Equal(1, Engine.SetCacheLimit(0));
            Tensor.Empty([Mebibyte]).Dispose();
            Assert.Equal(0, Engine.Memory().CachedBytes);
            Assert.Throws<TensorArgumentException>(() => Engine.SetCacheLimit(-1));
        }
        finally
        {
            _ = Engine.SetCacheLimit(half);
        }
    }

    [Theory]
    [InlineData(2000, 5_000)]
    [InlineData(200, 4_000_000)] // of pages that move from one to another
    public void Eight_threads_share_the_allocator(int rounds, int largest)
    {
        var before = Engine.Memory();
        Parallel.For(0, 8, new ParallelOptions { MaxDegreeOfParallelism = 8 }, seed =>
        {
            var random = new SeededRandom((ulong)seed);
            var held = new Queue<(Tensor Tensor, float Value)>();
            for (var i = 0; i < rounds; i++)
            {
                var value = (float)((seed * 10_000) + i);
                held.Enqueue((Tensor.Full([1 + random.Next(i % 50 == 0 ? 2_000_000 : largest)], value), value));
                if (held.Count > 8)
                {
                    var (tensor, expected) = held.Dequeue();
                    Assert.False(tensor.Span<float>().ContainsAnyExcept(expected)); // nobody else has written here
                    tensor.Dispose();
                }
            }

            foreach (var (tensor, _) in held)
            {
                tensor.Dispose();
            }
        });

        Assert.Equal(before.LiveBytes, Engine.Memory().LiveBytes);
        Assert.Equal(before.LiveBlocks, Engine.Memory().LiveBlocks);
    }

    [Fact]
    public void A_thousand_training_steps_leave_handles_and_bytes_flat()
    {
        using var random = new Generator(1);
        using var network = new Sequential(
            new Conv2d(3, 8, 3, random, padding: 1, spectralNorm: true),
            new BatchNorm2d(8),
            new LeakyRelu(0.2),
            new Dropout(0.2, random),
            new AvgPool2d(2, 2),
            new Flatten(),
            new Linear(8 * 4 * 4, 1, random));
        network.To(MemoryFormat.ChannelsLast);
        using var optimizer = new Adam(network.NamedParameters(), 1e-3);
        using var average = new ExponentialMovingAverage(network, 0.99);

        void Train(int steps)
        {
            for (var step = 0; step < steps; step++)
            {
                using var scope = new TensorScope();
                var images = Tensor.Randn([4, 3, 8, 8], random).Contiguous(MemoryFormat.ChannelsLast);
                images.RequiresGrad = true;
                var scores = network.Forward(images);
                var slope = Autograd.Grad(scores.Sum(), [images], createGraph: true)[0];
                var penalty = slope.Square().Sum([1, 2, 3]).Mean();
                var loss = Functional.Softplus(-scores).Mean() + (0.5 * penalty);
                var gradients = Autograd.Grad(loss, optimizer.Parameters);
                GradientClipping.ByNorm(gradients, 1);
                optimizer.Step(gradients);
                average.Update();
            }
        }

        Train(10);
        var (tensors, lost, memory) = (Engine.LiveTensors, Engine.LostTensors, Engine.Memory());
        Train(1000);

        Assert.Equal(tensors, Engine.LiveTensors);
        Assert.Equal(memory.LiveBlocks, Engine.Memory().LiveBlocks);
        Assert.Equal(memory.LiveBytes, Engine.Memory().LiveBytes);
        Assert.Equal(lost, Engine.LostTensors);
        Assert.Equal(1010, optimizer.Steps);
    }

    [Fact]
    public void Arguments_outlive_their_calls_while_the_collector_runs()
    {
        // Nothing but the door holds the tensors here. One finalised too early would be freed by another thread's call, under
        // the kernel that works with it.
        using var stop = new CancellationTokenSource();
        var collector = new Thread(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                GC.Collect();
                Thread.Sleep(1); // or the others, who have to stop each time, hardly get on
            }
        });
        collector.Start();
        try
        {
            Parallel.For(0, 4, new ParallelOptions { MaxDegreeOfParallelism = 4 }, thread =>
            {
                for (var i = 0; i < 300; i++)
                {
                    Assert.Equal(9 * 16 * 16 * 16, SumOfConvolution());
                }
            });
        }
        finally
        {
            stop.Cancel();
            collector.Join();
        }

        CollectAll();
        Tensor.Ones([1]).Dispose();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static double SumOfConvolution()
    {
        var output = Functional.Conv2d(Tensor.Ones([1, 16, 18, 18]), Tensor.Ones([1, 16, 3, 3])); // [1, 1, 16, 16]
        return Tensor.Cat([output, Tensor.Zeros([1, 1, 16, 16])]).Sum().Item();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Lose(int count)
    {
        for (var i = 0; i < count; i++)
        {
            _ = Tensor.Ones([1024]);
        }
    }

    private static void CollectAll()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }

    private static long ResidentBytes() =>
        long.Parse(File.ReadAllText("/proc/self/statm").Split(' ')[1], null) * Environment.SystemPageSize;
}
