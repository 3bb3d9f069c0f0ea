"""How the phrases of a sentence belong together in languages other than English, a family of rules a module."""
