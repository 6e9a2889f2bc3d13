"""The page at `/docs/{crd}`: what the compiler wrote, and how it goes at this moment. Pure.

The compiler leaves a mark in the page; here it becomes the way back to `/`, the controller's state
and its uptime. A page without the mark, of an older compiler, is served as it is.
"""

from __future__ import annotations

from html import escape

from katalog_runtime.bundle import Controller
from katalog_runtime.katalog_shapes import ProcessView
from katalog_runtime.spans import go_duration
from katalog_runtime.status_page import state_pill

STATE_MARK = "<!-- state -->"
"""Where the state stands, once in a page; to a browser a comment."""


def with_state(page: str, process: ProcessView, spec: Controller) -> str:
    """The page of a controller with its state and uptime at the mark."""
    view = process.views[spec.name]
    started = view.started_at
    uptime = f"uptime {go_duration((process.now - started).total_seconds())}" if started else ""
    line = (
        f'<p class="crumb"><a href="/">← {escape(process.bundle.operator.name)}</a> '
        f"{state_pill(view.state)} <span>{uptime}</span></p>"
    )
    return page.replace(STATE_MARK, line, 1)
