"""Measurements: `python -m bench.run`, or `make bench`; results are kept in `bench/results/`."""
