"""An engine for auteur that draws the lines of a picture."""
