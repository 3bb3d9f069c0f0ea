"""The HTTP side, by route factories: each signature is the bill of what its routes use."""
