"""A set to control passes: what a model is told of depth, surfaces, lines, things, poses, and the set itself."""
