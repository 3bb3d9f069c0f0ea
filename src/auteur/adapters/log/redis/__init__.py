"""The log and the records on one Redis (7.0 or newer) or Valkey."""
