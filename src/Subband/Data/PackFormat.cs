namespace Subband.Data;

/// <summary>The names inside a pack, which <see cref="ImagePack"/> writes and <see cref="PackSource"/> reads.</summary>
/// <remarks>
/// A pack is a <c>.safetensors</c> file. Images of one size: <c>pixels</c> UInt8 <c>[N, 3, H, W]</c>. Of several: <c>pixels</c>
/// UInt8 <c>[total]</c>, each image <c>[3, H, W]</c>, one behind the other, with <c>sizes</c> Int64 <c>[N, 2]</c>, height and
/// width. Always: <c>labels</c> and <c>splits</c> Int64 <c>[N]</c>, -1 for none. The metadata hold the names as JSON lists.
/// </remarks>
internal static class PackFormat
{
    public const string Name = "subband-image-pack";
    public const string Version = "1";

    public const string Pixels = "pixels";
    public const string Sizes = "sizes";
    public const string Labels = "labels";
    public const string Splits = "splits";

    public const string FormatKey = "format";
    public const string VersionKey = "version";
    public const string ClassNamesKey = "classes";
    public const string SplitNamesKey = "splits";
    public const string SourceKey = "source";
    public const string LeftOutKey = "leftOut";
}
