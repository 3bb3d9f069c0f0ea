"""The fleet's log, snapshots and roster on one Redis (7.0 or newer) or Valkey. Nobody else here speaks Redis."""
