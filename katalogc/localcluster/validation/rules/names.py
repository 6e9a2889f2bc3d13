"""What names, labels and keys may look like: the API server's patterns with its own sentences.

In: text. Out: sentences that say what is wrong; an empty tuple means nothing. Source:
`apimachinery/pkg/util/validation` and `k8s.io/kubernetes/pkg/apis/core/validation/names.go`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

Complaints = tuple[str, ...]

_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_LETTER_FIRST = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")
_SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_NAME_PART = re.compile(r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]")
_LABEL_VALUE = re.compile(r"(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?")
_CONFIG_KEY = re.compile(r"[-._a-zA-Z0-9]+")
_WILDCARD = re.compile(r"\*\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")

_LABEL_TEXT = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and "
    "must start and "
    "end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation "
    "is "
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
)
_SUBDOMAIN_TEXT = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or "
    "'.', and must "
    "start and end with an alphanumeric character (e.g. 'example.com', regex used for validation "
    "is "
    r"'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
)
_LETTER_FIRST_TEXT = (
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an "
    "alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', "
    "regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')"
)
_WILDCARD_TEXT = (
    "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which "
    "must consist of "
    "lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character (e.g. "
    "'*.example.com', "
    r"regex used for validation is "
    r"'\*\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
)
_NAME_PART_TEXT = (
    "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end "
    "with an "
    "alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for "
    "validation is "
    "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
)
_QUALIFIED_TEXT = (
    "a valid label key must consist of alphanumeric characters, '-', '_' or '.', and must start "
    "and end with an "
    "alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for "
    "validation is "
    "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an optional DNS subdomain prefix and '/' "
    "(e.g. "
    "'example.com/MyName')"
)
_LABEL_VALUE_TEXT = (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', "
    "and must start "
    "and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex "
    "used for "
    "validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
)
_CONFIG_KEY_TEXT = (
    "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name', "
    " or "
    "'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"
)
MIXED_CASE = "may have mixed case, but should otherwise match: "
"""What precedes a complaint about a kind."""
_PORT_TEXT = "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)"


def _complaints(*pairs: tuple[bool, str]) -> Complaints:
    return tuple(text for wrong, text in pairs if wrong)


def _longer(text: str, limit: int) -> tuple[bool, str]:
    return len(text) > limit, f"must be no more than {limit} characters"


@lru_cache(maxsize=8192)
def dns_label(text: str) -> Complaints:
    """RFC 1123 label: namespaces, containers, volumes."""
    dotted = "." in text
    return _complaints(
        _longer(text, 63),
        (dotted, "must not contain dots"),
        (not dotted and not _LABEL.fullmatch(text), _LABEL_TEXT),
    )


def dns1035_label(text: str) -> Complaints:
    """RFC 1035 label: kinds, plurals, versions; they begin with a letter."""
    return _complaints(_longer(text, 63), (not _LETTER_FIRST.fullmatch(text), _LETTER_FIRST_TEXT))


@lru_cache(maxsize=8192)
def dns_subdomain(text: str) -> Complaints:
    """RFC 1123 subdomain: most names."""
    return _complaints(_longer(text, 253), (not _SUBDOMAIN.fullmatch(text), _SUBDOMAIN_TEXT))


def wildcard_subdomain(text: str) -> Complaints:
    """`*.example.com`."""
    return _complaints(_longer(text, 253), (not _WILDCARD.fullmatch(text), _WILDCARD_TEXT))


def path_segment(text: str) -> Complaints:
    """Names of RBAC objects and others that only must not confuse a URL."""
    if text in (".", ".."):
        return (f"may not be '{text}'",)
    return tuple(f"may not contain '{each}'" for each in ("/", "%") if each in text)


@lru_cache(maxsize=8192)
def qualified_name(text: str) -> Complaints:
    """Keys of labels and annotations: `[prefix/]name`."""
    prefix, slash, name = text.rpartition("/")
    if "/" in prefix:
        return (_QUALIFIED_TEXT,)
    found: list[str] = []
    if slash:
        if not prefix:
            found.append("prefix part must be non-empty")
        else:
            found += [f"prefix part {each}" for each in dns_subdomain(prefix)]
    if not name:
        found.append("name part must be non-empty")
    elif len(name) > 63:
        found.append("name part must be no more than 63 bytes")
    if not _NAME_PART.fullmatch(name):
        found.append(_NAME_PART_TEXT)
    return tuple(found)


@lru_cache(maxsize=8192)
def label_value(text: str) -> Complaints:
    """Values of labels."""
    too_long = len(text) > 63, "must be no more than 63 bytes"
    return _complaints(too_long, (not _LABEL_VALUE.fullmatch(text), _LABEL_VALUE_TEXT))


def config_key(text: str) -> Complaints:
    """Keys of ConfigMaps and Secrets."""
    if text == ".":
        return ("must not be '.'",)
    if text == "..":
        return ("must not be '..'",)
    return _complaints(
        _longer(text, 253),
        (not _CONFIG_KEY.fullmatch(text), _CONFIG_KEY_TEXT),
        (text.startswith(".."), "must not start with '..'"),
    )


def environment_name(text: str) -> Complaints:
    """Names of environment variables (relaxed rules of 1.34 and later)."""
    printable = all(" " <= each <= "~" and each != "=" for each in text)
    words = (
        "a valid environment variable name must consist only of printable ASCII characters other "
        "than '='"
    )
    return _complaints((not text or not printable, words))


def port_name(text: str) -> Complaints:
    """Names of ports (IANA service names)."""
    shaped = re.fullmatch(r"[-a-z0-9]+", text) is not None
    return _complaints(
        (len(text) > 15, "must be no more than 15 characters"),
        (not shaped, _PORT_TEXT),
        (re.search(r"[a-z]", text) is None, "must contain at least one letter (a-z)"),
        ("--" in text, "must not contain consecutive hyphens"),
        ((shaped and text[:1] == "-") or text[-1:] == "-", "must not begin or end with a hyphen"),
    )


def port_number(number: int) -> Complaints:
    """1 to 65535."""
    return _complaints((not 1 <= number <= 65535, "must be between 1 and 65535, inclusive"))


def cron_job_name(text: str) -> Complaints:
    """Names of CronJobs leave room for the suffix of their Jobs."""
    return dns_subdomain(text) + _complaints(_longer(text, 52))


_OBJECT_NAMES: dict[tuple[str, str], Callable[[str], Complaints]] = {
    ("", "Namespace"): dns_label,
    ("", "Service"): dns_label,
    ("batch", "CronJob"): cron_job_name,
    ("rbac.authorization.k8s.io", "Role"): path_segment,
    ("rbac.authorization.k8s.io", "RoleBinding"): path_segment,
    ("rbac.authorization.k8s.io", "ClusterRole"): path_segment,
    ("rbac.authorization.k8s.io", "ClusterRoleBinding"): path_segment,
    ("flowcontrol.apiserver.k8s.io", "FlowSchema"): path_segment,
    ("flowcontrol.apiserver.k8s.io", "PriorityLevelConfiguration"): path_segment,
}


def object_name(group: str, kind: str) -> Callable[[str], Complaints]:
    """The rule for `metadata.name` of a kind."""
    return _OBJECT_NAMES.get((group, kind), dns_subdomain)


def name_prefix(group: str, kind: str) -> Callable[[str], Complaints]:
    """The rule for `metadata.generateName` of a kind."""
    return dns_subdomain if (group, kind) == ("batch", "CronJob") else object_name(group, kind)
