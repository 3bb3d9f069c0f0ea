"""The documents of the interface: what tools make of them, and what may not change unsaid."""
