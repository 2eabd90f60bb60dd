using System.CommandLine;
using Subband.Cli.Common;

namespace Subband.Cli.Tests.Common;

public class CommonOptionsTests
{
    [Theory]
    [InlineData("auto", 0)]
    [InlineData("cpu", 1)]
    [InlineData("cuda", 2)]
    public void A_device_is_chosen_by_its_name(string name, int choice) =>
        Assert.Equal((DeviceChoice)choice, Value(CommonOptions.Device(), "--device", name));

    [Fact]
    public void What_is_not_given_has_its_default()
    {
        Assert.Equal(DeviceChoice.Auto, Value(CommonOptions.Device()));
        Assert.Equal(PrecisionChoice.Auto, Value(CommonOptions.Precision()));
        Assert.Null(Value(CommonOptions.Threads()));
        Assert.Null(Value(CommonOptions.Seed()));
        Assert.Empty(Value(CommonOptions.Set()));
    }

    [Fact]
    public void A_wrong_choice_is_named_with_those_there_are() =>
        Assert.Equal("--precision takes auto, fp32 or bf16, not 'fp16'.", Error(CommonOptions.Precision(), "--precision", "fp16"));

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    public void An_empty_path_is_refused_with_the_name_of_its_option(string given) =>
        Assert.Equal("--out is empty; give RUN, or check the variable that should hold it.", Error(CommonOptions.Out("A run", "RUN"), "--out", given));

    [Theory]
    [InlineData("0")]
    [InlineData("-3")]
    [InlineData("two")]
    [InlineData("1.5")]
    public void A_number_of_threads_is_whole_and_positive(string given) =>
        Assert.Equal($"--threads takes a whole number from 1 to 4096, not '{given}'.", Error(CommonOptions.Threads(), "--threads", given));

    [Fact]
    public void Settings_keep_their_order_and_split_at_the_first_equals_sign() =>
        Assert.Equal(
            [new SettingOption("a.b", "1"), new SettingOption("c", "x=y"), new SettingOption("a.b", "2")],
            Value(CommonOptions.Set(), "--set", "a.b=1", "--set", "c=x=y", "--set", "a.b=2"));

    [Fact]
    public void A_setting_without_a_value_is_refused() =>
        Assert.Equal(
            "--set takes NAME=VALUE, such as training.batchSize=64, not 'a.b'.",
            Error(CommonOptions.Set(), "--set", "a.b"));

    private static T Value<T>(Option<T> option, params string[] arguments)
    {
        ParseResult parse = new Command("test") { option }.Parse(arguments);
        Assert.Empty(parse.Errors);
        return parse.GetValue(option)!;
    }

    private static string Error(Option option, params string[] arguments) =>
        new Command("test") { option }.Parse(arguments).Errors[0].Message;
}
