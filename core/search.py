"""Full-text search helpers."""

from django.db.models import F, Func, TextField


def joined(array_field: str) -> Func:
    """The words of a text array as one text, immutable as generated columns demand (created by a migration of accounts)."""
    return Func(F(array_field), function="guildhall_join", output_field=TextField())


JOIN_FUNCTION_SQL = """
CREATE FUNCTION guildhall_join(words varchar[]) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
AS $$ SELECT array_to_string(words, ' ') $$
"""
