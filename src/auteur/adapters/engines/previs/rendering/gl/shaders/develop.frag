// From light to display; see developing.py.
uniform sampler2D sum;
uniform sampler2D speckle;
uniform vec2 size;
uniform float exposure, passes;
uniform vec3 veil;  // mean light of the picture
uniform int falls;  // 0 nothing, 1 rain, 2 snow
uniform vec3 fallen;  // how far each sheet of it has come, in cells of the noise
out vec4 shown;

float spark(vec2 at) {
    return texture(speckle, (at + 0.5) / 512.0).r;
}

void main() {
    ivec2 pixel = ivec2(gl_FragCoord.xy);
    vec3 light = texelFetch(sum, pixel, 0).rgb * (exposure / passes);
    vec2 at = -1.0 + 2.0 * vec2(pixel) / max(size - 1.0, vec2(1.0));
    float off = dot(at, at);
    light *= 1.0 - 0.22 * off * sqrt(off) / 2.8;
    if (falls != 0) {
        vec2 spot = vec2(pixel) * (540.0 / size.y);
        float layers = 0.0;
        for (int layer = 0; layer < 3; layer++) {
            float depth = layer == 0 ? 1.0 : layer == 1 ? 1.7 : 2.6;
            if (falls == 1) {
                vec2 where = vec2((spot.x + spot.y * 0.16) * 0.55 * depth, spot.y * 0.022 * depth + (depth * 70.0 - fallen[layer]));
                layers += clamp(spark(where) - 0.74, 0.0, 1.0) * 1.5;
            } else {
                float sway = 6.0 * sin(spot.y / 40.0 * depth);
                vec2 where = vec2((spot.x + sway) * 0.16 * depth, spot.y * 0.16 * depth + (depth * 70.0 - fallen[layer]));
                layers += clamp((spark(where) - 0.86) * 9.0, 0.0, 1.0) * 0.8;
            }
        }
        light += layers * (veil + 0.25 * light);
    }
    vec3 curve = (light * (2.51 * light + 0.03)) / (light * (2.43 * light + 0.59) + 0.14);
    shown = vec4(pow(clamp(curve, 0.0, 1.0), vec3(1.0 / 2.2)), 1.0);
}
