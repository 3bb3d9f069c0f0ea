"""A workspace in one file, and a workspace out of it: each file with its digest, what is cut off or altered refused."""
