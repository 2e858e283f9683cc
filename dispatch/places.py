"""From an address to coordinates: the one door to the geocoder (Base Adresse Nationale).

Asked only for buildings that came without coordinates, and only when a host is configured.
"""

from __future__ import annotations

import logging
from functools import lru_cache

from geopy.exc import GeopyError
from geopy.geocoders import BANFrance

from dispatch.models.place import Building

SECONDS = 5
Point = tuple[float, float]


class NotNow(Exception):
    """The geocoder could not be asked; another time it may answer."""


def locate(building: Building, domain: str) -> bool:
    """Give the building coordinates if it has none; whether it has them now. The caller commits.

    `domain` is the geocoder's host and path, https unless it begins with http://; empty: never asked.
    """
    if building.latitude is None or building.longitude is None:
        address = building.address or building.site.address
        found = _ask(address, domain) if domain and address.strip() else None
        if found is None:
            return False
        building.latitude, building.longitude = found
    return True


def _ask(address: str, domain: str) -> Point | None:
    try:
        return coordinates(" ".join(address.split()), domain)
    except NotNow:
        logging.getLogger(__name__).warning("the geocoder at %s could not be asked", domain)
        return None


@lru_cache(maxsize=4096)
def coordinates(address: str, domain: str) -> Point | None:
    """(latitude, longitude) of an address, None when it is unknown. Raises NotNow, which is not remembered."""
    scheme, _, host = domain.rpartition("://")
    try:
        place = BANFrance(domain=host, scheme=scheme or "https", timeout=SECONDS).geocode(address)
    except GeopyError as error:
        raise NotNow from error
    return (place.latitude, place.longitude) if place else None
