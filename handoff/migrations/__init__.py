"""The desk's tables, step by step; run at every start."""
