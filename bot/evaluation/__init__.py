"""Plays scripted dialogues with the real bot and judges how they end (training_data/evaluation/README.md)."""
