// Where the ray of a pixel meets a ball, a box or a cone frustum; see forms.py, whose arithmetic this is.
uniform vec2 middle; // of the picture, in pixels

flat in vec3 v_o_0, v_o_x, v_o_y, v_d_0, v_facts;
#ifdef LIGHT
uniform float reach; // metres for depth 1
#else
flat in vec3 v_d_x, v_d_y;
flat in mat3 v_upright;
out vec4 seen;       // normal x and y, form (negative where the normal's z is), metres along the camera's axis
#endif

const float FAR = 1e9;
const float NEAR = 1e-3;

void main() {
    vec2 at = gl_FragCoord.xy - middle;
    // the ray begins just before the form, where single floats are fine enough for small forms far away
    vec3 o = v_o_0 + v_o_x * at.x + v_o_y * at.y;
#ifdef LIGHT
    vec3 d = v_d_0;
#else
    vec3 d = v_d_0 + v_d_x * at.x + v_d_y * at.y;
#endif
    float taper = v_facts.y;
    float t = FAR;
    vec3 n = vec3(0.0);
#ifdef BALL
    float a = dot(d, d);
    float b = dot(o, d);
    vec3 nearest = o - d * (b / a); // of the ray to the middle
    float inside = 1.0 - dot(nearest, nearest);
    t = inside > 0.0 ? (-b - sqrt(max(inside, 0.0) * a)) / a : FAR;
    n = o + d * t;
#endif
#ifdef BOX
    vec3 safe = mix(d, vec3(1e-9), lessThan(abs(d), vec3(1e-9)));
    vec3 t0 = (-1.0 - o) / safe;
    vec3 t1 = (1.0 - o) / safe;
    vec3 first = min(t0, t1);
    vec3 last = max(t0, t1);
    float enter = max(first.x, max(first.y, first.z));
    float leave = min(last.x, min(last.y, last.z));
    t = enter < leave ? enter : FAR;
    n = first.x >= enter ? vec3(-sign(d.x), 0.0, 0.0) : first.y >= enter ? vec3(0.0, -sign(d.y), 0.0)
        : vec3(0.0, 0.0, -sign(d.z));
#endif
#ifdef CONE
    float k = taper - 1.0;
    float r = 1.0 + k * o.y;
    float s = k * d.y;
    float a = d.x * d.x + d.z * d.z - s * s;
    a = abs(a) < 1e-9 ? 1e-9 : a;
    float b = o.x * d.x + o.z * d.z - r * s;
    float c = o.x * o.x + o.z * o.z - r * r;
    float disc = b * b - a * c;
    float root = sqrt(max(disc, 0.0));
    float one = (-b - root) / a;
    float two = (-b + root) / a;
    float y = o.y + d.y * one;
    if (disc > 0.0 && one > NEAR && y >= 0.0 && y <= 1.0 && r + s * one > 0.0) t = one;
    y = o.y + d.y * two;
    if (disc > 0.0 && two > NEAR && y >= 0.0 && y <= 1.0 && r + s * two > 0.0) t = min(t, two);
    float side = 0.0;
    float safe = abs(d.y) < 1e-9 ? 1e-9 : d.y;
    float foot = -o.y / safe;
    vec2 on = o.xz + d.xz * foot;
    if (foot > NEAR && foot < t && dot(on, on) <= 1.0) {
        t = foot;
        side = -1.0;
    }
    float head = (1.0 - o.y) / safe;
    on = o.xz + d.xz * head;
    if (head > NEAR && head < t && dot(on, on) <= taper * taper) {
        t = head;
        side = 1.0;
    }
    vec3 met = o + d * t;
    n = side != 0.0 ? vec3(0.0, side, 0.0) : vec3(met.x, -k * (1.0 + k * met.y), met.z);
#endif
    if (t <= NEAR || t >= FAR) discard;
    t += v_facts.z;
#ifdef LIGHT
    gl_FragDepth = t / reach;
#else
    n = normalize(v_upright * n);
    seen = vec4(n.xy, n.z < 0.0 ? -v_facts.x : v_facts.x, t);
    gl_FragDepth = depth_of(t);
#endif
}
