"""Teaches the embedding model which questions mean the same: groups in, a small adapter for the model out."""
