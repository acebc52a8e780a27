"""Replays recordings of the real API against the twin and says how many answers are equal."""
