// Where one thing ends and another begins; see Hits.outline.
uniform sampler2D seen;
out vec4 edge;

vec3 facing(vec4 met) {
    return vec3(met.xy, sqrt(max(1.0 - dot(met.xy, met.xy), 0.0)) * (met.z < 0.0 ? -1.0 : 1.0));
}

bool parted(vec4 a, vec4 b) {
    float far_a = a.z == 0.0 ? 1e9 : a.w;
    float far_b = b.z == 0.0 ? 1e9 : b.w;
    bool apart = abs(a.z) != abs(b.z) && abs(far_a - far_b) > 0.004 * min(far_a, far_b) + 0.01;
    bool crease = abs(a.z) > 1.0 && abs(b.z) > 1.0 && dot(facing(a), facing(b)) < 0.55;
    return apart || crease;
}

void main() {
    ivec2 at = ivec2(gl_FragCoord.xy);
    vec4 here = texelFetch(seen, at, 0);
    bool above = at.y > 0 && parted(here, texelFetch(seen, at - ivec2(0, 1), 0));
    bool before = at.x > 0 && parted(here, texelFetch(seen, at - ivec2(1, 0), 0));
    edge = vec4(above || before ? 1.0 : 0.0);
}
