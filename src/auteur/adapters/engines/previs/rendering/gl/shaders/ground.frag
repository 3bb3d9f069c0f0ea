// The ground is the plane y = 0, as far as it can be told from the horizon through haze.
uniform vec3 d_0, d_x, d_y;
uniform vec2 middle;
uniform float height; // of the camera
out vec4 seen;

void main() {
    vec2 at = gl_FragCoord.xy - middle;
    float down = d_0.y + d_x.y * at.x + d_y.y * at.y;
    float t = -height / min(down, -1e-6);
    if (!(down < -1e-5 && t > 0.0 && t < 4000.0)) discard;
    seen = vec4(0.0, 1.0, 1.0, t);
    gl_FragDepth = depth_of(t);
}
