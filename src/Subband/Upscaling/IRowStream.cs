namespace Subband.Upscaling;

/// <summary>A picture that comes from top to bottom, a few rows at a time, so that it never has to be in memory as a whole.</summary>
internal interface IRowStream : IDisposable
{
    /// <summary>W.</summary>
    int Width { get; }

    /// <summary>H.</summary>
    int Height { get; }

    /// <summary>C.</summary>
    int Channels { get; }

    /// <summary>The next rows.</summary>
    /// <returns>[n, W, C] with n at least 1, valid until the next call; empty after the last.</returns>
    ReadOnlySpan<float> Next();
}
