uniform sampler2D noise;

// The noise tile at a place, wrapped and bilinear.
float grain(vec2 at) {
    return texture(noise, (at + 0.5) / 512.0).r;
}
