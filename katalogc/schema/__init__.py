"""Models of the documents that users write, and the way from located YAML to them."""

from __future__ import annotations

from katalogc.schema.crd import CrdEntry
from katalogc.schema.katalog import API_VERSIONS, Katalog, Motif
from katalogc.schema.parse import parse

__all__ = ["API_VERSIONS", "CrdEntry", "Katalog", "Motif", "parse"]
