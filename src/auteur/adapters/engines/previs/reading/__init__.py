"""Words to a shot."""
