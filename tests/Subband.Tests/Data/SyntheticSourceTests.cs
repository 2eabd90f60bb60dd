using Subband.Data;

namespace Subband.Tests.Data;

public sealed class SyntheticSourceTests
{
    [Theory]
    [InlineData("synthetic:leaves", "synthetic:leaves#size=64,seed=1", 64, 64)]
    [InlineData("synthetic:leaves#seed=5,size=48x32", "synthetic:leaves#size=48x32,seed=5", 48, 32)]
    public void Leaves_are_endless_and_any_size(string spec, string name, int width, int height)
    {
        using IImageSource source = ImageSources.Open(spec);
        Assert.Null(source.Count);
        Assert.Equal(name, source.Name);
        Assert.Equal((width, height), (source.Read(3).Width, source.Read(3).Height));
        Assert.Equal(source.Read(1_000_000).Pixels, source.Read(1_000_000).Pixels);
        Assert.NotEqual(source.Read(0).Pixels, source.Read(1).Pixels);
        Assert.Equal(-1, source.Label(0));
    }

    [Fact]
    public void The_name_opens_the_same_images_again()
    {
        using IImageSource source = ImageSources.Open("synthetic:leaves#take=10..20,size=16");
        Assert.Equal("synthetic:leaves#size=16,seed=1,take=10..20", source.Name);
        Assert.Equal(10, source.Count);
        using IImageSource again = ImageSources.Open(source.Name);
        Assert.Equal(source.Read(9).Pixels, again.Read(9).Pixels);
        Assert.Equal(source.Fingerprint, again.Fingerprint);
    }

    [Theory]
    [InlineData("synthetic:leafs", "Did you mean 'synthetic:leaves'?")]
    [InlineData("synthetic:leaves#size=0", "'size=0'")]
    [InlineData("synthetic:leaves#size=8x8x8", "'size=8x8x8'")]
    [InlineData("synthetic:leaves#seed=-1", "'seed=-1'")]
    [InlineData("synthetic:leaves#sized=8", "Did you mean 'size'?")]
    public void Wrong_settings_are_wrong_usage(string spec, string message) =>
        Assert.Contains(message, Assert.Throws<UsageException>(() => ImageSources.Open(spec)).Message, StringComparison.Ordinal);
}
