"""A short round of each part of the torture: see docs/torture.md."""
