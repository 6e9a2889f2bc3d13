"""The versions of a CustomResourceDefinition apart from their schemas.

In: parts of the definition and where the server looks for them. Out: `FieldError`s. Source:
`apiextensions-apiserver/pkg/apis/apiextensions/validation`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from katalogc.localcluster.validation.field_errors import (
    FieldError,
    forbidden,
    invalid,
    not_supported,
    required,
)

_COLUMN_FORMATS = (
    "byte", "date", "date-time", "double", "float", "int32", "int64", "password",
)  # fmt: skip
_LONGEST_WARNING = 256
_SIMPLE_PATH = "must be a simple json path starting with ."


def conversion_errors(spec: dict[str, Any]) -> Iterator[FieldError]:
    """`spec.conversion`, and the forbidden `preserveUnknownFields`."""
    if spec.get("preserveUnknownFields"):
        text = (
            "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in "
            "spec.versions[*].schema instead"
        )
        yield invalid("spec.preserveUnknownFields", True, text)
    conversion = spec.get("conversion") or {}
    strategy, webhook = conversion.get("strategy", "None"), conversion.get("webhook") or {}
    client, reviews = webhook.get("clientConfig"), webhook.get("conversionReviewVersions")
    places = "spec.conversion.webhookClientConfig", "spec.conversion.conversionReviewVersions"
    if strategy not in ("None", "Webhook"):
        yield not_supported("spec.conversion.strategy", strategy, ("None", "Webhook"))
    if strategy != "Webhook":
        text = "should not be set when strategy is not set to Webhook"
        given = zip(places, (client, reviews), strict=True)
        yield from (forbidden(place, text) for place, each in given if each)
        return
    if client is None:
        yield required(places[0], "required when strategy is set to Webhook")
    else:
        yield from _client_errors(client, places[0])
    if not reviews:
        yield required(places[1])


def _client_errors(client: dict[str, Any], path: str) -> Iterator[FieldError]:
    url = client.get("url")
    if (url is None) == (client.get("service") is None):
        yield required(path, "exactly one of url or service is required")
    elif url is not None and (scheme := url.partition("://")[0]) != "https":
        text = "'https' is the only allowed URL scheme; desired format: https://host[/path]"
        yield invalid(f"{path}.url", scheme, text)


def deprecation_errors(version: dict[str, Any], path: str) -> Iterator[FieldError]:
    """The warning of a deprecated version."""
    text = version.get("deprecationWarning")
    if text is None:
        return
    place = f"{path}.deprecationWarning"
    if not version.get("deprecated"):
        yield invalid(place, text, "can only be set for deprecated versions")
    if len(text) > _LONGEST_WARNING:
        yield invalid(place, text, f"must be <= {_LONGEST_WARNING} characters long")
    elif not text:
        yield invalid(place, text, "must not be an empty string")


def subresource_errors(version: dict[str, Any], path: str) -> Iterator[FieldError]:
    """The paths of the scale subresource."""
    scale = (version.get("subresources") or {}).get("scale")
    if scale is None:
        return
    for field, start in (("specReplicasPath", ".spec"), ("statusReplicasPath", ".status")):
        value = scale.get(field, "")
        if not value:
            yield required(f"{path}.scale.{field}")
        elif not value.startswith("."):
            yield invalid(f"{path}.scale.{field}", value, _SIMPLE_PATH)
        elif not value.startswith(f"{start}."):
            yield invalid(f"{path}.scale.{field}", value, f"should be a json path under {start}")
    value = scale.get("labelSelectorPath", "")
    if value and not value.startswith("."):
        yield invalid(f"{path}.scale.labelSelectorPath", value, _SIMPLE_PATH)
    elif value and not value.startswith((".spec.", ".status.")):
        text = "should be a json path under either .spec or .status"
        yield invalid(f"{path}.scale.labelSelectorPath", value, text)


def column_errors(columns: Any, path: str) -> Iterator[FieldError]:
    """Printer columns."""
    kinds = ("boolean", "date", "integer", "number", "string")
    for index, column in enumerate(columns):
        place = f"{path}[{index}]"
        if not column.get("name"):
            yield required(f"{place}.name")
        kind = column.get("type", "")
        if not kind:
            yield required(f"{place}.type", f"must be one of {','.join(kinds)}")
        elif kind not in kinds:
            yield invalid(f"{place}.type", kind, f"must be one of {','.join(kinds)}")
        form = column.get("format", "")
        if form and form not in _COLUMN_FORMATS:
            yield invalid(f"{place}.format", form, f"must be one of {','.join(_COLUMN_FORMATS)}")
        json_path = column.get("jsonPath", "")
        if not json_path:
            yield required(f"{place}.JSONPath")
        elif not json_path.startswith("."):
            yield invalid(f"{place}.JSONPath", json_path, _SIMPLE_PATH)
