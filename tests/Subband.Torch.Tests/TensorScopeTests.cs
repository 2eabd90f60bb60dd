namespace Subband.Torch.Tests;

public sealed class TensorScopeTests
{
    [Fact]
    public void A_scope_frees_what_was_made_in_it_and_keeps_what_is_kept()
    {
        Tensor lost, kept;
        using (var outer = new TensorScope())
        {
            using (var inner = new TensorScope())
            {
                lost = Tensor.Ones([2]);
                kept = inner.Keep(lost + 1);
            }

            Assert.True(lost.IsDisposed);
            Assert.Equal([2f, 2f], kept.ToArray<float>());
        }

        Assert.True(kept.IsDisposed); // it went to the outer scope
    }

    [Fact]
    public void What_is_kept_out_of_the_outermost_scope_is_its_holders()
    {
        Tensor kept;
        using (var scope = new TensorScope())
        {
            kept = scope.Keep(Tensor.Ones([2]));
        }

        Assert.False(kept.IsDisposed);
        kept.Dispose();
    }

    [Fact]
    public void What_is_released_outlives_every_scope()
    {
        Tensor released;
        using (new TensorScope())
        {
            using var inner = new TensorScope();
            released = TensorScope.Release(Tensor.Ones([2]));
            Assert.Same(released, inner.Keep(released)); // no scope's any more, so there is nothing to move
        }

        Assert.False(released.IsDisposed);
        released.Dispose();
    }

    [Fact]
    public void Keeping_concerns_only_the_scopes_own_tensors()
    {
        using var outer = new TensorScope();
        var outside = Tensor.Ones([1]);
        using (var inner = new TensorScope())
        {
            inner.Keep(outside);
        }

        Assert.False(outside.IsDisposed);
    }

    [Fact]
    public void An_exception_inside_frees_too()
    {
        Tensor? made = null;
        Assert.Throws<TensorShapeException>(() =>
        {
            using var scope = new TensorScope();
            made = Tensor.Ones([2]);
            return made + Tensor.Ones([3]);
        });
        Assert.True(made!.IsDisposed);

        using var next = new TensorScope(); // the thread's scopes are in order again
        Assert.False(Tensor.Ones([1]).IsDisposed);
    }

    [Fact]
    public void Scopes_ended_in_the_wrong_order_are_refused()
    {
        var outer = new TensorScope();
        var inner = new TensorScope();
        var refused = false;
        try
        {
            outer.Dispose();
        }
        catch (InvalidOperationException)
        {
            refused = true;
        }

        var made = Tensor.Ones([1]); // still the inner scope's
        inner.Dispose();
        outer.Dispose();
        outer.Dispose(); // a second time is harmless
        Assert.True(refused);
        Assert.True(made.IsDisposed);
    }

    [Fact]
    public void A_scope_that_was_never_opened_is_refused()
    {
        var refused = false;
        try
        {
            default(TensorScope).Keep(TensorScope.Release(Tensor.Ones([1])));
        }
        catch (InvalidOperationException)
        {
            refused = true;
        }

        Assert.True(refused);
    }

    [Fact]
    public void Threads_have_scopes_of_their_own()
    {
        using var barrier = new Barrier(2);
        void Work(bool first)
        {
            // Both threads hold a scope with a tensor at the same time; each end frees only its own.
            var scope = new TensorScope();
            var own = Tensor.Ones([8]);
            barrier.SignalAndWait();
            if (first)
            {
                scope.Dispose();
                Assert.True(own.IsDisposed);
            }

            barrier.SignalAndWait();
            if (!first)
            {
                Assert.Equal(8, own.Sum().Item());
                scope.Dispose();
                Assert.True(own.IsDisposed);
            }
        }

        Parallel.Invoke(() => Work(true), () => Work(false));
    }

    [Fact]
    public async Task Interleaved_tasks_do_not_meet_in_one_scope()
    {
        async Task<double> Work(int value)
        {
            var total = 0.0;
            for (var i = 0; i < 50; i++)
            {
                using (var scope = new TensorScope())
                {
                    total += Tensor.Full([4], value).Sum().Item();
                }

                await Task.Yield(); // a scope cannot be open here: the compiler sees to it
            }

            return total;
        }

        var totals = await Task.WhenAll(Enumerable.Range(1, 8).Select(value => Task.Run(() => Work(value))));
        Assert.Equal(Enumerable.Range(1, 8).Select(value => value * 200.0), totals);
    }
}
