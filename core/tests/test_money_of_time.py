"""What minutes come to."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from core.money import EXPONENTS, Money, price_of_time

rates = st.builds(Money, st.integers(1, 99_999_999), st.sampled_from(sorted(EXPONENTS)))
spans = st.integers(0, 7 * 24 * 60)


@given(spans, rates)
def test_it_is_the_exact_product_rounded_half_up(minutes, rate):
    exact = Fraction(rate.minor * minutes, 60)
    price = price_of_time(minutes, rate)
    assert price.currency == rate.currency
    assert Fraction(-1, 2) < price.minor - exact <= Fraction(1, 2)


@given(st.integers(0, 168), rates)
def test_whole_hours_are_exact(hours, rate):
    assert price_of_time(60 * hours, rate).minor == hours * rate.minor


@given(spans, spans, rates)
def test_more_time_never_costs_less_and_parts_differ_from_the_whole_by_a_unit_at_most(first, second, rate):
    whole = price_of_time(first + second, rate)
    parts = price_of_time(first, rate) + price_of_time(second, rate)
    assert price_of_time(first, rate) <= whole
    assert abs(whole.minor - parts.minor) <= 1


def test_half_a_unit_goes_up():
    assert price_of_time(30, Money(33_33, "USD")) == Money(16_67, "USD")
    assert price_of_time(1, Money(29, "JPY")) == Money(0, "JPY")
    assert price_of_time(1, Money(30, "JPY")) == Money(1, "JPY")
