using Subband.Data;
using Subband.Torch;

namespace Subband.Tests.Data;

public sealed class SelectedSourceTests
{
    // 24 items: train and test in turn by halves, the classes a, b, c cyclically.
    private static MemorySource Whole() => new(24, i => TestImages.Flat(1, 1, (byte)i, 0, 0))
    {
        Classes = ["a", "b", "c"],
        Splits = ["train", "test"],
        LabelOf = i => (int)(i % 3),
        SplitOf = i => i < 12 ? 0 : 1,
    };

    [Fact]
    public void Without_selectors_the_source_is_itself()
    {
        MemorySource whole = Whole();
        Assert.Same(whole, SelectedSource.Apply(whole, SourceSpec.Parse("x"), null));
    }

    [Fact]
    public void Classes_are_renumbered_in_the_order_of_the_source()
    {
        IImageSource chosen = SelectedSource.Apply(Whole(), SourceSpec.Parse("x#split=test,class=c+a"), null);
        Assert.Equal(["a", "c"], chosen.Classes);
        Assert.Equal(["test"], chosen.Splits);
        Assert.Equal(8, chosen.Count);
        Assert.Equal([0, 1, 0, 1, 0, 1, 0, 1], Enumerable.Range(0, 8).Select(i => chosen.Label(i)));
        Assert.All(Enumerable.Range(0, 8), i => Assert.Equal(0, chosen.Split(i)));
        Assert.Equal([12, 14, 15, 17, 18, 20, 21, 23], Enumerable.Range(0, 8).Select(i => (int)chosen.Read(i).Pixels[0]));
        Assert.Equal("memory#split=test,class=a+c", chosen.Name);
    }

    [Fact]
    public void Take_counts_within_each_class_of_each_split()
    {
        IImageSource chosen = SelectedSource.Apply(Whole(), SourceSpec.Parse("x#take=1..3"), null);
        Assert.Equal([3, 4, 5, 6, 7, 8, 15, 16, 17, 18, 19, 20], Enumerable.Range(0, 12).Select(i => (int)chosen.Read(i).Pixels[0]));
    }

    [Fact]
    public void Two_ranges_that_meet_make_the_whole()
    {
        long Count(string take) => SelectedSource.Apply(Whole(), SourceSpec.Parse($"x#take={take}"), null).Count!.Value;
        Assert.Equal(24, Count("0..3") + Count("3.."));
    }

    [Fact]
    public void The_default_split_is_taken_where_none_is_named_and_stands_in_the_name()
    {
        Assert.Equal("memory#split=train", SelectedSource.Apply(Whole(), SourceSpec.Parse("x"), "train").Name);
        Assert.Equal("memory#split=test", SelectedSource.Apply(Whole(), SourceSpec.Parse("x#split=test"), "train").Name);
        Assert.Equal("memory", SelectedSource.Apply(Whole(), SourceSpec.Parse("x"), "unlabeled").Name);
    }

    [Fact]
    public void An_unknown_class_or_split_names_the_nearest_and_all()
    {
        Assert.Equal(
            "There is no split in memory called 'trian'. Did you mean 'train'? There are: train, test.",
            Assert.Throws<UsageException>(() => SelectedSource.Apply(Whole(), SourceSpec.Parse("x#split=trian"), null)).Message);
        Assert.Equal(
            "memory is not divided into classes, so that class=cat chooses nothing.",
            Assert.Throws<UsageException>(() =>
                SelectedSource.Apply(new MemorySource(3, _ => null!), SourceSpec.Parse("x#class=cat"), null)).Message);
    }

    [Fact]
    public void Choosing_nothing_is_an_error() =>
        Assert.Equal(
            "No image of memory is chosen by 'take=100..'; there are 24 in all.",
            Assert.Throws<SubbandException>(() => SelectedSource.Apply(Whole(), SourceSpec.Parse("x#take=100.."), null)).Message);

    [Fact]
    public void A_source_without_end_is_cut_by_take()
    {
        MemorySource endless = new(null, i => TestImages.Flat(1, 1, (byte)i, 0, 0));
        IImageSource chosen = SelectedSource.Apply(endless, SourceSpec.Parse("x#take=5..8"), null);
        Assert.Equal(3, chosen.Count);
        Assert.Equal(6, chosen.Read(1).Pixels[0]);
        _ = Assert.Throws<ArgumentOutOfRangeException>(() => chosen.Read(3));
        string Message(string take) =>
            Assert.Throws<UsageException>(() => SelectedSource.Apply(endless, SourceSpec.Parse($"x#take={take}"), null)).Message;
        Assert.Contains("has no end", Message("5.."), StringComparison.Ordinal);
        Assert.Equal(100_000_000, SelectedSource.Apply(endless, SourceSpec.Parse("x#take=7..100000007"), null).Count);
        Assert.Equal(
            "take=7..100000008 chooses 100000001 images, but of memory at most 100000000 can be taken; "
            + "take fewer, or leave take off for images without end.",
            Message("7..100000008"));
    }

    [Fact]
    public void The_fingerprint_depends_on_the_choice_but_not_on_how_it_is_written()
    {
        string Of(string spec) => SelectedSource.Apply(Whole(), SourceSpec.Parse(spec), null).Fingerprint;
        Assert.Equal(Of("x#class=a+b,split=train"), Of("y#split=train,class=b+a"));
        Assert.NotEqual(Of("x#class=a+b"), Of("x#class=a+c"));
    }
}
