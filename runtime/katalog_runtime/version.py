"""The version of the distribution: compiler and runtime are released together."""

__version__ = "0.1.0"
