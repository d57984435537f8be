"""The torture of money: everything is killed, repeated, reordered and raced, and the truths about money must hold.

Kept apart from tests, which run a short round of each part: see tests/torture and docs/torture.md.
"""
