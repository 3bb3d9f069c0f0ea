"""The same pictures by OpenGL, on a graphics card or Mesa's software rasteriser."""
