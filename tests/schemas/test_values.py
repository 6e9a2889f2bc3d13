"""Quantities, formats and schedules: small grammars with a table each."""

from __future__ import annotations

import pytest

from katalogc.localcluster.validation.formats import FORMATS
from katalogc.localcluster.validation.pod_defaults import pull_policy
from katalogc.localcluster.validation.quantities import QuantityError, canonical, parse
from katalogc.localcluster.validation.rules.schedules import schedule_error


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1000m", "1"),
        ("0.5", "500m"),
        ("1024Mi", "1Gi"),
        ("1.5Gi", "1536Mi"),
        ("1e3", "1e3"),
        ("1500", "1500"),
        ("2000", "2k"),
        ("0.1n", "1n"),
        ("-1", "-1"),
        ("0Gi", "0"),
        ("512Ki", "512Ki"),
        ("1Ki", "1Ki"),
        ("+5", "5"),
        ("100M", "100M"),
    ],
)
def test_quantities_have_one_spelling(text: str, expected: str) -> None:
    assert canonical(text) == expected
    assert parse(expected)[0] == parse(text)[0]


@pytest.mark.parametrize("text", ["", "abc", "1 Gi", "1GB", "--1", "1.2.3", "e3"])
def test_other_text_is_no_quantity(text: str) -> None:
    with pytest.raises(QuantityError, match="quantities must match"):
        canonical(text)


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("date-time", "2026-01-01T00:00:00.123456789Z", "2026-13-01T00:00:00Z"),
        ("date", "2026-02-28", "2026-02-30"),
        ("duration", "1h30m", "1y"),
        ("duration", "3 days", "h"),
        ("ipv4", "10.0.0.1", "10.0.0"),
        ("ipv6", "::1", "10.0.0.1"),
        ("cidr", "10.0.0.0/8", "10.0.0.0"),
        ("byte", "eA==", "eA="),
        ("hostname", "a.example.com", "-a"),
        ("email", "a@b.c", "a b"),
        ("mac", "00:11:22:33:44:55", "00:11"),
        ("uri", "https://a/b", "a"),
        ("uuid", "123e4567-e89b-12d3-a456-426614174000", "123"),
    ],
)
def test_formats(name: str, good: str, bad: str) -> None:
    assert FORMATS[name](good)
    assert not FORMATS[name](bad)


@pytest.mark.parametrize(
    ("schedule", "problem"),
    [
        ("*/5 0-6,12 1 jan-mar SUN", ""),
        ("@every 1h30m", ""),
        ("@hourly", ""),
        ("60 * * * *", "end of range (60) above maximum (59): 60"),
        ("* * 0 * *", "beginning of range (0) below minimum (1): 0"),
        ("* 5-2 * * *", "beginning of range (5) beyond end of range (2): 5-2"),
        ("*/0 * * * *", "step of range should be a positive number: */0"),
        ("@every soon", 'failed to parse duration @every soon: time: invalid duration "soon"'),
    ],
)
def test_schedules(schedule: str, problem: str) -> None:
    assert schedule_error(schedule) == problem


@pytest.mark.parametrize(
    ("image", "policy"),
    [
        ("nginx", "Always"),
        ("nginx:latest", "Always"),
        ("nginx:1.27", "IfNotPresent"),
        ("registry:5000/nginx", "Always"),
        ("registry:5000/nginx:v1", "IfNotPresent"),
        ("nginx@sha256:abc", "IfNotPresent"),
    ],
)
def test_pull_policies_follow_the_tag(image: str, policy: str) -> None:
    assert pull_policy(image) == policy
