"""Shapes of notifications in the API."""
