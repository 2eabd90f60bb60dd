namespace Subband.Training;

/// <summary>What a setting means and which values it takes; read by validation, by help texts and on resume.</summary>
/// <param name="meaning">In one phrase, with the unit.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class SettingAttribute(string meaning) : Attribute
{
    /// <summary>In one phrase, with the unit.</summary>
    public string Meaning { get; } = meaning;

    /// <summary>The smallest value; none unless set.</summary>
    public double Minimum { get; init; } = double.NegativeInfinity;

    /// <summary>The largest value; none unless set.</summary>
    public double Maximum { get; init; } = double.PositiveInfinity;

    /// <summary>Whether a resumed run may change it without breaking its saved state.</summary>
    public bool ChangeableOnResume { get; init; }

    /// <summary>Whether it says where something is on the machine that trains; an exported model, made for others, does not tell it.</summary>
    public bool IsPlace { get; init; }
}
