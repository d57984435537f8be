"""Benchmarks of the whole site. Kept apart from tests: figures depend on the machine."""
