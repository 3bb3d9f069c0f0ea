"""The reader of other languages than English: which it is, what its phrases are, and how they belong together."""
