using Subband.Cli.Common;

namespace Subband.Cli.Tests.Common;

public class TextsTests
{
    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(999, "999 B")]
    [InlineData(1000, "0.98 KiB")]
    [InlineData(1536, "1.50 KiB")]
    [InlineData(10_240, "10.0 KiB")]
    [InlineData(356_515_840, "340 MiB")]
    [InlineData(1L << 40, "1.00 TiB")]
    [InlineData(5000L << 40, "5000 TiB")]
    public void Bytes_have_three_digits_and_a_unit(long bytes, string text) => Assert.Equal(text, Texts.Bytes(bytes));

    [Theory]
    [InlineData(0, "0 threads")]
    [InlineData(1, "1 thread")]
    [InlineData(2, "2 threads")]
    public void A_count_has_its_noun(long count, string text) => Assert.Equal(text, Texts.Count(count, "thread"));

    [Theory]
    [InlineData(0, "0.0 s")]
    [InlineData(3.21, "3.2 s")]
    [InlineData(9.96, "10 s")]
    [InlineData(59.4, "59 s")]
    [InlineData(59.6, "1 min 0 s")]
    [InlineData(125, "2 min 5 s")]
    [InlineData(12_000, "3 h 20 min")]
    [InlineData(180_000, "2 d 2 h")]
    public void A_length_of_time_is_told_in_its_two_largest_units(double seconds, string expected) =>
        Assert.Equal(expected, Texts.Duration(seconds));
}
