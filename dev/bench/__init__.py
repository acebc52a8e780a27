"""The numbers of the design, measured: `python -m dev.bench` (see docs/bench.md)."""
