"""Great-circle distance between stored coordinates; no geocoding at run time."""

from math import asin, cos, radians, sin, sqrt

EARTH_KM = 6371.0


def kilometres(latitude: float, longitude: float, other_latitude: float, other_longitude: float) -> float:
    """Kilometres between two points given in degrees (haversine formula)."""
    north, other_north = radians(latitude), radians(other_latitude)
    half_north = sin((other_north - north) / 2) ** 2
    half_east = sin(radians(other_longitude - longitude) / 2) ** 2
    return 2 * EARTH_KM * asin(sqrt(half_north + cos(north) * cos(other_north) * half_east))
