"""Shapes of contracts in the API."""
