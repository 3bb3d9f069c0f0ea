// The light that comes from what a ray met first; see shading.py and patterns.py.
uniform vec3 d_0, d_x, d_y, eye;
uniform vec2 middle;
uniform sampler2D seen;
uniform sampler2D materials; // colour and pattern, glow and scale, a row a material; the ground is the first
uniform sampler2D sun_map, above_map;
uniform mat3 sun_axes, above_axes; // across, along, towards the light
uniform vec3 sun_at, above_at;     // what is subtracted in these axes
uniform float map_size, map_scale, texel, reach, start;
uniform float bounce, haze, sea_z;
uniform vec3 haze_color;
#if LAMPS > 0
uniform vec3 lamp_at[LAMPS];
uniform vec3 lamp_power[LAMPS];
#endif
out vec4 light;

float visible(sampler2D map, mat3 axes, vec3 centre, vec3 p) {
    vec3 q = vec3(dot(axes[0], p), dot(axes[1], p), dot(axes[2], p)) - centre;
    vec2 at = (q.xy + 0.5 * map_size / map_scale) * map_scale;
    float depth = texelFetch(map, ivec2(clamp(at, vec2(0.0), vec2(map_size - 1.0))), 0).r;
    bool inside = all(greaterThanEqual(at, vec2(0.0))) && all(lessThan(at, vec2(map_size)));
    bool lit = depth >= 1.0 || start - depth * reach <= q.z + texel * 0.8;
    return lit || !inside ? 1.0 : 0.0;
}

// Tint of the colour and share of the glow.
vec2 patterned(float pattern, float scale, vec3 p, vec3 n) {
    vec2 made = vec2(1.0);
#ifdef WINDOWS
    if (pattern == 1.0) {
        float across = (abs(n.x) > abs(n.z) ? p.z : p.x) / scale;
        float storey = p.y / (scale * 1.15);
        vec2 in_pane = vec2(fract(across), fract(storey));
        bool pane = in_pane.x > 0.28 && in_pane.x < 0.8 && in_pane.y > 0.3 && in_pane.y < 0.85 && abs(n.y) < 0.5;
        bool at_home = grain(vec2(floor(across) * 53.0 + 0.5, floor(storey) * 37.0 + 0.5)) > 0.52;
        made = vec2(pane ? 0.3 : 1.0, pane && at_home ? 1.0 : 0.0);
    }
#endif
#ifdef STRIPES
    if (pattern == 2.0) made.x = mod(floor(p.y / scale), 2.0) > 0.0 ? 0.32 : 1.0;
#endif
#ifdef PLANKS
    if (pattern == 3.0) {
        float along = p.x / scale;
        float seam = clamp(abs(fract(along) - 0.5) * 24.0 - 11.0, 0.0, 1.0);
        made.x = (0.75 + 0.5 * grain(vec2(floor(along) * 71.0 + p.x * 40.0, p.z * 4.0 + p.y * 4.0))) * (1.0 - 0.55 * seam);
    }
#endif
#ifdef TILES
    if (pattern == 4.0) made.x = mod(floor(p.x / scale) + floor((p.z + p.y) / scale), 2.0) > 0.0 ? 0.55 : 1.0;
#endif
#ifdef EARTH
    if (pattern == 5.0) {
        float coarse = grain(p.xz / scale * 5.0);
        made.x = 0.45 + 0.75 * coarse + 0.35 * (grain(vec2(p.x * 60.0, p.z * 60.0 + p.y * 30.0)) - 0.5);
    }
#endif
#ifdef ROAD
    if (pattern == 6.0) {
        float across = abs(p.x);
        bool line = across < 0.09 && fract(p.z / 4.0) < 0.55;
        bool kerb = across > scale && across < scale + 0.16;
        made.x = line ? 5.0 : kerb ? 2.4 : 0.8 + 0.4 * grain(p.xz * 30.0);
    }
#endif
    return made;
}

#ifdef SEA
vec3 water(vec3 p, vec3 ray, float distance, float foam) {
    float swell = 0.22 / (1.0 + distance * 0.012);
    float slope_x = (grain(vec2(p.x * 14.0, p.z * 22.0)) - 0.5) * swell;
    float slope_z = (grain(vec2(p.x * 11.0 + 90.0, p.z * 26.0 + 40.0)) - 0.5) * swell
        + sin(p.z * 0.9 + grain(p.xz * 3.0) * 9.0) * (swell * 0.25);
    float inward = ray.x * slope_x + ray.y + ray.z * slope_z;
    vec3 mirrored = vec3(ray.x - 2.0 * inward * slope_x, abs(ray.y - 2.0 * inward), ray.z - 2.0 * inward * slope_z);
    float grazing = 1.0 - clamp(-inward, 0.0, 1.0);
    float g2 = grazing * grazing;
    float fresnel = 0.04 + 0.96 * g2 * g2 * grazing;
    vec3 deep = vec3(0.012, 0.035, 0.045) + zenith * 0.06;
    float shore = clamp(1.0 - abs(p.z + foam * 3.0 - sea_z) / 0.7, 0.0, 1.0);
    return mix(deep, sky(mirrored), fresnel) + shore * shore * 0.5 * horizon;
}
#endif

void main() {
    vec2 at = gl_FragCoord.xy - middle;
    vec3 d = d_0 + d_x * at.x + d_y * at.y;
    vec4 met = texelFetch(seen, ivec2(gl_FragCoord.xy), 0);
    int which = int(abs(met.z) + 0.5) - 1;
    float t = met.w;
    vec3 n = vec3(met.xy, sqrt(max(1.0 - dot(met.xy, met.xy), 0.0)) * (met.z < 0.0 ? -1.0 : 1.0));
    n = dot(n, d) > 0.0 ? -n : n;
    float far = length(d);
    vec3 ray = d / far;
    vec3 p = eye + d * t;
    float distance = t * far;
    vec4 paint = texelFetch(materials, ivec2(0, which), 0);
    vec4 shine = texelFetch(materials, ivec2(1, which), 0);
    vec2 made = patterned(paint.w, shine.w, p, n);
    vec3 color = paint.rgb * (0.88 + 0.24 * grain(vec2(p.x * 37.0 + p.y * 23.0, p.z * 37.0 + p.y * 11.0))) * made.x;
    vec3 pushed = p + n * (texel * 1.2 + 0.004);
    vec3 irradiance = sun_color * (max(dot(n, sun_axes[2]), 0.0) * visible(sun_map, sun_axes, sun_at, pushed));
    vec3 sky_color = mix(horizon, zenith, above_axes[2].y);
    irradiance += sky_color * (2.0 * max(dot(n, above_axes[2]), 0.0) * visible(above_map, above_axes, above_at, pushed));
    irradiance += bounce * (0.65 - 0.35 * n.y) * (horizon + 0.4 * sun_color);
#if LAMPS > 0
    for (int lamp = 0; lamp < LAMPS; lamp++) {
        vec3 to = lamp_at[lamp] - p;
        float squared = dot(to, to) + 0.02;
        float falling = max(dot(n, to), 0.0) * inversesqrt(squared);
        irradiance += lamp_power[lamp] * ((0.85 * falling + 0.15) / (squared + 0.15));
    }
#endif
    vec3 lit = color * irradiance + shine.rgb * made.y;
#ifdef SEA
    float foam = grain(vec2(p.x * 9.0, p.z * 2.0)) - 0.5;
    if (which == 0 && p.z + foam * 3.0 < sea_z) lit = water(p, ray, distance, foam);
#endif
#ifdef HAZE
    float clear = exp(-haze * distance);
    float glare = max(dot(ray, sun), 0.0);
    glare *= glare;
    glare *= glare;
    lit = mix(haze_color + glare * glare * 0.25 * sun_color, lit, clear);
#endif
    light = vec4(lit, 1.0);
}
