// One triangle over the whole picture, as far away as can be.
void main() {
    vec2 at = vec2(float(gl_VertexID & 1) * 4.0 - 1.0, float(gl_VertexID >> 1) * 4.0 - 1.0);
    gl_Position = vec4(at, 1.0, 1.0);
}
