"""PostgreSQL with PostGIS as Django has it, with a cheaper look whether a kept connection still stands."""
