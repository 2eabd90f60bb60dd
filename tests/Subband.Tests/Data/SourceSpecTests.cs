using Subband.Data;

namespace Subband.Tests.Data;

public sealed class SourceSpecTests
{
    [Fact]
    public void A_spec_is_a_place_and_its_settings()
    {
        SourceSpec spec = SourceSpec.Parse("photos.tar#split=train,class=cat+dog,take=0..4500");
        Assert.Equal("photos.tar", spec.Place);
        Assert.Equal(["train"], spec.Names("split")!);
        Assert.Equal(["cat", "dog"], spec.Names("class")!);
        Assert.Equal("0..4500", spec.Value("take"));
        Assert.Null(spec.Names("size"));
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("with space")]
    [InlineData("a,b+c=d#e%f")]
    [InlineData("Käfer/βeta")]
    public void Any_class_name_can_be_written(string name) =>
        Assert.Equal([name, "x"], SourceSpec.Parse($"p#class={SourceSpec.Escape(name)}+x").Names("class")!);

    [Fact]
    public void The_last_hash_begins_the_settings_and_an_existing_path_is_a_path()
    {
        Assert.Equal("a#b", SourceSpec.Parse("a#b#split=train").Place);
        using TemporaryFolder folder = new();
        string path = Directory.CreateDirectory(folder["run#1"]).FullName;
        Assert.Equal(path, SourceSpec.Parse(path).Place);
    }

    [Theory]
    [InlineData("", "The source of images is empty")]
    [InlineData("  ", "The source of images is empty")]
    [InlineData("#split=train", "put a path or name before the #")]
    [InlineData("x#train", "'train' in the source 'x#train' is not of the form key=value")]
    [InlineData("x#split=", "not of the form key=value")]
    [InlineData("x#split=a,split=b", "'split' stands twice")]
    public void A_malformed_spec_is_wrong_usage(string text, string message) =>
        Assert.Contains(message, Assert.Throws<UsageException>(() => SourceSpec.Parse(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void An_unknown_selector_names_the_nearest() =>
        Assert.Equal(
            "There is no selector of x called 'splt'. Did you mean 'split'? There are: split, class, take.",
            Assert.Throws<UsageException>(() => SourceSpec.Parse("x#splt=a").Allow("split", "class", "take")).Message);

    [Theory]
    [InlineData("0..4500", 0, 4500, "0..4500")]
    [InlineData("..100", 0, 100, "0..100")]
    [InlineData("4500..", 4500, long.MaxValue, "4500..")]
    public void A_range_leaves_out_its_upper_end(string text, long from, long to, string canonical)
    {
        TakeRange range = TakeRange.Parse(text);
        Assert.Equal((from, to), (range.From, range.To));
        Assert.Equal(canonical, range.ToString());
    }

    [Theory]
    [InlineData("5")]
    [InlineData("5..5")]
    [InlineData("9..3")]
    [InlineData("-1..3")]
    [InlineData("a..b")]
    public void A_range_that_is_none_is_wrong_usage(string text) =>
        Assert.Contains($"'take={text}'", Assert.Throws<UsageException>(() => TakeRange.Parse(text)).Message, StringComparison.Ordinal);
}
