namespace Tidemark.Engine.Hashing;

/// <summary>
/// The operations of one vector width that the lane rung is made of. Lane i of every vector belongs to input i.
/// Implementations name their instruction set outright rather than use the vector operators: ahead-of-time compiled
/// programs know only the oldest machine they support, and would turn operators on wide vectors into pairs of narrow ones.
/// </summary>
/// <typeparam name="TVector">The vector of unsigned 32-bit lanes.</typeparam>
internal unsafe interface IBlake3Lanes<TVector>
    where TVector : unmanaged
{
    /// <summary>Whether this machine has the instructions.</summary>
    static abstract bool IsSupported { get; }

    /// <summary>Lanes of a vector, a power of two.</summary>
    static abstract int Count { get; }

    /// <summary>The same value in all lanes.</summary>
    static abstract TVector Broadcast(uint value);

    /// <summary>A vector of as many values as there are lanes.</summary>
    static abstract TVector Load(uint* values);

    static abstract TVector Add(TVector left, TVector right);

    static abstract TVector Xor(TVector left, TVector right);

    static abstract TVector RotateRight16(TVector value);

    static abstract TVector RotateRight12(TVector value);

    static abstract TVector RotateRight8(TVector value);

    static abstract TVector RotateRight7(TVector value);

    /// <summary>
    /// Reads the 64 bytes at <paramref name="offset"/> of every input and turns them round: vector w of the sixteen at
    /// <paramref name="message"/> has word w of every input.
    /// </summary>
    static abstract void LoadMessage(byte** inputs, nuint offset, TVector* message);

    /// <summary>
    /// Turns eight vectors of chaining value words round, into 32 consecutive bytes a lane at <paramref name="output"/>.
    /// </summary>
    static abstract void StoreValues(TVector* words, byte* output);
}
