"""Benchmarks: whole processes beside their peers, in one run, printed as ratios."""
