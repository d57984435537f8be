"""The freelancer directory and public profiles."""

urls: list[object] = []
