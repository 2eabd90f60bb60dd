using Subband.Cli.Common;

namespace Subband.Cli.Tests.Common;

public class TextTableTests
{
    [Fact]
    public void Texts_stand_left_numbers_right_and_no_line_ends_in_blanks()
    {
        TextTable table = new(1);
        table.Add("class", "train", "test");
        table.Add("é", "5,000", "");
        StringWriter output = new() { NewLine = "\n" };
        table.Write(output);
        Assert.Equal("class  train  test\né      5,000\n", output.ToString());
    }
}
