// The mean of one cell of the picture, vignette and all: what rain and snow are lit by.
uniform sampler2D sum;
uniform vec2 size;
uniform ivec2 cells;
out vec4 mean;

void main() {
    ivec2 cell = ivec2(gl_FragCoord.xy);
    ivec2 from = ivec2(size) * cell / cells;
    ivec2 to = ivec2(size) * (cell + 1) / cells;
    vec4 total = vec4(0.0);
    for (int y = from.y; y < to.y; y++) {
        for (int x = from.x; x < to.x; x++) {
            vec2 at = -1.0 + 2.0 * vec2(x, y) / max(size - 1.0, vec2(1.0));
            float off = dot(at, at);
            total += vec4(texelFetch(sum, ivec2(x, y), 0).rgb * (1.0 - 0.22 * off * sqrt(off) / 2.8), 1.0);
        }
    }
    mean = total;
}
