"""The film office: what a task is, what may happen to it, and who decides. Standard library only, no I/O."""
