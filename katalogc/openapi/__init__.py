"""Kubernetes' own types, offline: `catalogue(minor)` gives resources and schemas of several minors.

In: nothing but the package's data file. Out: `Catalogue`, `Resource`, `Schema`. No network; the
file is made by `scripts/compact_openapi.py`.
"""

from katalogc.openapi.catalogue import LATEST, Catalogue, Resource, catalogue, minors
from katalogc.openapi.schema import MISSING, Schema

__all__ = ["LATEST", "MISSING", "Catalogue", "Resource", "Schema", "catalogue", "minors"]
