// A shadow map as it was.
uniform sampler2D map;

void main() {
    gl_FragDepth = texelFetch(map, ivec2(gl_FragCoord.xy), 0).r;
}
