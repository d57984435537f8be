"""Places on the globe."""

import math

from django.contrib.gis.db.models import PointField
from django.contrib.gis.geos import Point
from django.db.models import F, FloatField, Func, Value
from django.utils.crypto import salted_hmac

BLUR_METRES = 500
METRES_PER_DEGREE = 111_320


def point(lat: float, lng: float) -> Point:
    return Point(lng, lat, srid=4326)


def blurred(place: Point) -> Point:
    """A point up to 350 m from the true one, for people who are not party to it.

    Keyed by the site's secret and always the same for the same place, so that neither knowing the code nor reading
    repeatedly takes the blur away. Drawn as a circle of BLUR_METRES, which always contains the true place.
    """
    digest = salted_hmac("core.geo.blurred", f"{place.y:.5f},{place.x:.5f}", algorithm="sha256").digest()
    angle = int.from_bytes(digest[:4]) / 2**32 * 2 * math.pi
    distance = math.sqrt(int.from_bytes(digest[4:8]) / 2**32) * BLUR_METRES * 0.7
    lat = place.y + distance * math.cos(angle) / METRES_PER_DEGREE
    lng = place.x + distance * math.sin(angle) / (METRES_PER_DEGREE * max(math.cos(math.radians(place.y)), 0.01))
    return point(max(-90.0, min(90.0, lat)), (lng + 180) % 360 - 180)


class Nearness(Func):
    """Metres from `column` to `place` by PostGIS' `<->`, so that ordering by it walks the spatial index."""

    template = "%(expressions)s"
    arg_joiner = " <-> "
    output_field = FloatField()

    def __init__(self, column: str, place: Point) -> None:
        super().__init__(F(column), Value(place, output_field=PointField(geography=True)))
