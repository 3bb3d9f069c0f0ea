"""`ArtifactStore` on a directory."""
