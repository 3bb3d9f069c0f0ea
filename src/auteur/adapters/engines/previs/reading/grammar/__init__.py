"""The rules by which pieces of a prompt become a shot, a family a module; each module adds its own to those below."""
