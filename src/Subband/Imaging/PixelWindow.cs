namespace Subband.Imaging;

/// <summary>A part of an image.</summary>
/// <param name="X">Its left column.</param>
/// <param name="Y">Its top row.</param>
/// <param name="Width">Its width.</param>
/// <param name="Height">Its height.</param>
public readonly record struct PixelWindow(int X, int Y, int Width, int Height);
