// A box around one form, as the camera or a light sees it. Its far sides are drawn, so that a camera inside it sees too.
layout(location = 0) in vec3 corner;
in mat4 clip;        // the form's own space to clip space
in vec3 o_0, o_x, o_y, d_0, d_x, d_y; // a ray in the form's own space, affine in the pixel: origin and direction
in mat3 upright;     // local normals to the world's
in vec3 facts;       // id, taper, how far along the ray the origin is

flat out vec3 v_o_0, v_o_x, v_o_y, v_d_0, v_facts;
#ifndef LIGHT
flat out vec3 v_d_x, v_d_y;
flat out mat3 v_upright;
#endif

void main() {
#ifdef CONE
    vec3 wide = vec3(max(1.0, facts.y), 1.0, max(1.0, facts.y));
    vec3 at = vec3(corner.x, 0.5 * corner.y + 0.5, corner.z) * wide;
#else
    vec3 at = corner;
#endif
    gl_Position = clip * vec4(at, 1.0);
    v_o_0 = o_0;
    v_o_x = o_x;
    v_o_y = o_y;
    v_d_0 = d_0;
    v_facts = facts;
#ifndef LIGHT
    v_d_x = d_x;
    v_d_y = d_y;
    v_upright = upright;
#endif
}
