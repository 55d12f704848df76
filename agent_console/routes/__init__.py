"""The REST routes, one module per reader."""
