"""Rules of the code base that hold for every app."""
