"""`InputFetcher`: what ``data:`` and ``https:`` urls name, brought into a project."""
