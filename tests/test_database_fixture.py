import pytest
from django.db import connection


def rows() -> int:
    with connection.cursor() as c:
        c.execute("select count(*) from django_content_type")
        return c.fetchone()[0]

@pytest.mark.django_db
def test_a():
    assert rows() > 5

@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("n", range(6))
def test_b(n):
    with connection.cursor() as c:
        assert rows() > 5
        c.execute("delete from auth_permission")

@pytest.mark.django_db
def test_c():
    assert rows() > 5
