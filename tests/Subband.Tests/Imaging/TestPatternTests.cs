using Subband.Imaging;
using Subband.Torch;

namespace Subband.Tests.Imaging;

public sealed class TestPatternTests
{
    [Theory]
    [InlineData(8)]
    [InlineData(33)]
    public void A_checkerboard_alternates_from_pixel_to_pixel(int side)
    {
        var board = TestPattern.Checkerboard(side);
        Assert.All(Enumerable.Range(0, side * side), i => Assert.Equal(((i % side) + (i / side)) % 2 == 0 ? 255 : 0, board.Pixels[3 * i]));
    }

    [Fact]
    public void The_rings_of_a_zone_plate_reach_half_a_cycle_a_pixel_at_the_edge()
    {
        const int Side = 64;
        var plate = TestPattern.ZonePlate(Side);
        Assert.Equal((Side, Side), (plate.Width, plate.Height));
        Assert.InRange(plate.Pixels[Offset(Side / 2, Side / 2)], 250, 255); // white in the middle

        // Symmetric, and along the row through the middle brighter and darker in turn near the edge.
        Assert.All(Enumerable.Range(0, Side), x => Assert.Equal(plate.Pixels[Offset(x, 5)], plate.Pixels[Offset(Side - 1 - x, 5)]));
        int[] row = [.. Enumerable.Range(Side - 6, 6).Select(x => (int)plate.Pixels[Offset(x, Side / 2)])];
        Assert.All(Enumerable.Range(1, 4), i => Assert.True((row[i] - row[i - 1]) * (row[i + 1] - row[i]) < 0));

        int Offset(int x, int y) => 3 * ((y * Side) + x);
    }

    [Fact]
    public void A_grid_of_lines_is_about_half_dark_and_has_detail_in_all_bands()
    {
        using var scope = new TensorScope();
        var pixels = TensorImages.ToTensor([TestPattern.LineGrid(64)], PixelRange.Unit);
        Assert.Equal(4.0 / 9, pixels.Mean().Item(), 0.02); // two sets of lines, each a third wide
        Assert.All(HaarWavelet.Analyse(pixels).Split(3, 1), band => Assert.True((band - band.Mean()).Square().Mean().Item() > 0.01));
    }
}
