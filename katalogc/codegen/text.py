"""Text artefacts from jinja2 templates: files that are no Kubernetes objects. Values in, text out.

Templates whose name ends in `.html.j2` escape every value; undefined names are our bug and raise.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import jinja2


def render(template: str, **values: Any) -> str:
    """The text of `templates/<template>`; ends in exactly one newline."""
    return _environment().get_template(template).render(**values).rstrip("\n") + "\n"


@cache
def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.PackageLoader("katalogc.codegen", "templates"),
        autoescape=jinja2.select_autoescape(("html.j2",), default=False),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
