uniform vec3 d_0, d_x, d_y;
uniform vec2 middle;
out vec4 light;

void main() {
    vec2 at = gl_FragCoord.xy - middle;
    light = vec4(sky(d_0 + d_x * at.x + d_y * at.y), 1.0);
}
