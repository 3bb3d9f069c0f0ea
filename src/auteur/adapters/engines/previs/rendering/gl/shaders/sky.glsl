// What is behind everything; see shading.py.
uniform vec3 zenith, horizon, sun, sun_color;
uniform float disc, stars, clouds;
uniform sampler2D speckle;

#if RIDGES > 0
uniform vec2 ridge_shape[RIDGES]; // height, roughness
uniform vec3 ridge_color[RIDGES];

float crest(int layer, vec3 d) {
    float tall = ridge_shape[layer].x;
    float rough = ridge_shape[layer].y;
    float row = 31.0 + 57.0 * float(layer);
    float along = atan(d.x, -d.z) * (38.0 + 9.0 * float(layer));
    if (rough >= 1.0) along = floor(along * 1.6) * 3.7; // a skyline: blocks
    float high = tall * (0.25 + 1.1 * grain(vec2(along, row)));
    if (rough > 0.0 && rough < 1.0) high += tall * rough * (grain(vec2(along * 9.0, row + 11.0)) - 0.5);
    return high;
}
#endif

vec3 sky(vec3 d) {
    float far = length(d);
    float up = d.y / far;
    float rise = pow(clamp(up, 0.0, 1.0), 0.55);
    vec3 light = mix(horizon, zenith, rise);
    float toward = clamp(dot(d, sun) / far, 0.0, 1.0);
    float t2 = toward * toward;
    float t6 = t2 * t2 * t2;
    float t12 = t6 * t6;
    float t24 = t12 * t12;
    float halo = 0.25 * t6 + 0.5 * t24 * t24;
    halo += disc * 14.0 * clamp((toward - 0.99965) / 0.0001, 0.0, 1.0);
    light += halo * sun_color * 0.5;
#ifdef STARS
    vec2 spot = d.xz / far / max(up, 0.05) * 140.0;
    float spark = clamp(texture(speckle, (spot + vec2(7.5, 0.5)) / 512.0).r - 0.9, 0.0, 1.0);
    light += spark * spark * 60.0 * stars * rise;
#endif
#ifdef CLOUDS
    float cover = grain(d.xz / (max(up, 0.03) * far) * 40.0);
    float thick = clamp((cover - (0.72 - 0.45 * clouds)) * 4.0, 0.0, 1.0) * clamp(up * 7.0, 0.0, 1.0);
    vec3 lit = (horizon * 0.75 + sun_color * 0.11) * (0.55 + 0.75 * toward) * (1.15 - 0.45 * cover);
    light = mix(light, lit, thick * 0.85);
#endif
#if RIDGES > 0
    float tangent = d.y / sqrt(d.x * d.x + d.z * d.z + 1e-9);
    for (int layer = 0; layer < RIDGES; layer++) {
        light = mix(light, ridge_color[layer], clamp((crest(layer, d) - tangent) * 900.0, 0.0, 1.0));
    }
#endif
    return light;
}
