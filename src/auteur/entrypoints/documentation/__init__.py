"""The documents of the interface as pages for people: HTML made of them here, without a script."""
