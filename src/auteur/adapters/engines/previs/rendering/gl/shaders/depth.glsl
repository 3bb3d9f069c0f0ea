// Metres along a ray to depth: the bits of a float grow with it as its logarithm does, so that 24 bits tell 2 parts in a
// million apart, from a millimetre to a hundred kilometres.
float depth_of(float t) {
    return float(floatBitsToInt(t) - 0x3A83126F) / 222313873.0;
}
