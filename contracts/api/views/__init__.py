"""Contracts over the API."""
