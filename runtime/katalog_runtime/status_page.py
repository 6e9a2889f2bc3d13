"""The page at `/`: one look at the whole operator. Pure: a `ProcessView` in, HTML out.

Self-contained (no script, no font, no request besides itself), readable in light and dark and on a
phone, and refreshed by the browser until the reader asks it not to. Everything that comes from a
Katalog or a cluster is escaped.
"""

from __future__ import annotations

from html import escape

from katalog_runtime.bundle import Controller
from katalog_runtime.katalog_shapes import ProcessView
from katalog_runtime.observe import ControllerView, CrdState
from katalog_runtime.spans import age, go_duration
from katalog_runtime.version import __version__

REFRESH_SECONDS = 10
_MAX_REASONS = 12
_MAX_TROUBLE = 500
_WORDS = {
    "healthy": "healthy",
    "started": "started",
    "pending": "waiting",
    "degraded": "degraded",
}
_TONES = {"healthy": "good", "started": "calm", "pending": "warn", "degraded": "bad"}

_COLUMNS = (
    ("Custom resource", False), ("State", False), ("Ready", True), ("Queue", True),
    ("Workers", True), ("Errors", True), ("Last reconcile", True),
)  # fmt: skip
_NUMBER = ' class="number"'

_STYLE = """ :root{color-scheme:light
dark;--bg:#f6f7f9;--card:#fff;--ink:#1b2230;--soft:#5b6576;--line:#dfe3ea;
--accent:#2456c5;--good:#176b3a;--good-bg:#dff3e6;--calm:#24508f;--calm-bg:#e1ebfa;--warn:#805400;
--warn-bg:#fbeecb;--bad:#a2202b;--bad-bg:#fbe0e1;--bar:#e6e9ef}
@media(prefers-color-scheme:dark){:root{--bg:#10141b;--card:#191f29;--ink:#e7ebf2;--soft:#9aa5b8;
--line:#2b3341;--accent:#86aeff;--good:#7fd9a2;--good-bg:#173425;--calm:#9cc0ff;--calm-bg:#1b2c47;
--warn:#f0c667;--warn-bg:#3a2e12;--bad:#ff9ea5;--bad-bg:#431c20;--bar:#2b3341}}
*{box-sizing:border-box} body{margin:0;background:var(--bg);color:var(--ink); font:15px/1.5
system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;-webkit-text-size-adjust:100%}
main{max-width:1080px;margin:0 auto;padding:28px 20px 40px}
a{color:var(--accent);text-decoration:none}a:hover{text-decoration:underline}
a:focus-visible{outline:2px solid var(--accent);outline-offset:2px;border-radius:3px}
header{display:flex;flex-wrap:wrap;align-items:center;gap:6px 12px}
h1{font-size:24px;line-height:1.2;margin:0;overflow-wrap:anywhere}
.version{color:var(--soft)}.about{color:var(--soft);margin:6px 0 0;max-width:70ch}
.pill{display:inline-block;padding:1px 10px;border-radius:99px;font-size:13px;font-weight:600;
white-space:nowrap}
.good{color:var(--good);background:var(--good-bg)}.calm{color:var(--calm);background:var(--calm-bg)}
.warn{color:var(--warn);background:var(--warn-bg)}.bad{color:var(--bad);background:var(--bad-bg)}
dl.facts{display:flex;flex-wrap:wrap;gap:10px 36px;margin:20px 0 24px} dl.facts
dt{font-size:13px;color:var(--soft)} dl.facts
dd{margin:0;font-size:17px;font-weight:600;font-variant-numeric:tabular-nums}
.reasons{background:var(--warn-bg);color:var(--warn);border-radius:10px;padding:12px 16px; margin:0
0 20px;overflow-wrap:anywhere} .reasons b{display:block}.reasons ul{margin:4px 0
0;padding-left:20px}
table{width:100%;border-collapse:separate;border-spacing:0;background:var(--card); border:1px solid
var(--line);border-radius:12px;overflow:hidden;font-variant-numeric:tabular-nums}
th{font-size:13px;font-weight:500;color:var(--soft);text-align:left;padding:10px 14px;
white-space:nowrap} td,th.type{padding:12px 14px;border-top:1px solid
var(--line);vertical-align:top;white-space:nowrap} th.type{font-size:15px;color:var(--ink);
white-space:normal;width:34%} .type a,.type b{font-weight:600} .number{text-align:right}
caption{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.kind{display:block;font-size:13px;color:var(--soft); overflow-wrap:anywhere}
.error{white-space:normal;color:var(--bad);font-size:13px;padding-top:0;border-top:0;
overflow-wrap:anywhere} .soft{color:var(--soft)} a.short{color:var(--warn);font-weight:600}
.bar{display:block;width:90px;height:5px;border-radius:3px;background:var(--bar);
margin:6px 0 0 auto;overflow:hidden} .bar i{display:block;height:100%;background:var(--accent);border-radius:3px}
.bar.warn i{background:var(--warn)}.bar.bad
i{background:var(--bad)}.bar.warn,.bar.bad{background:var(--bar)}
footer{margin-top:24px;color:var(--soft);font-size:13px;display:flex;flex-wrap:wrap;gap:4px 18px}
@media(max-width:760px){main{padding:20px 14px 32px}thead{display:none}
table,tbody{display:block;border:0;background:none;overflow:visible;border-radius:0}
tr{display:grid;grid-template-columns:repeat(3,1fr);background:var(--card); border:1px solid
var(--line);border-radius:12px;padding:10px 14px;margin-bottom:12px;gap:8px 14px}
td,th.type{border:0;padding:0;display:block;white-space:normal;text-align:left}
th.type{grid-column:1/-1;width:auto}.number{text-align:left}
td[data-name]::before{content:attr(data-name);display:block;font-size:12px;color:var(--soft)}
tr:has(+tr.trouble){margin-bottom:0;border-bottom:0;border-radius:12px 12px 0 0;padding-bottom:6px}
tr.trouble{display:block;border-top:0;border-radius:0 0 12px 12px;padding-top:0}
.bar{width:100%;max-width:90px;margin-left:0}}
"""


def state_pill(state: CrdState) -> str:
    """A controller's state in a word and a colour: `class="pill"` and its tone, for both pages."""
    return f'<span class="pill {_TONES[state]}">{_WORDS[state]}</span>'


def render(process: ProcessView, *, refreshing: bool = True) -> str:
    """The whole page; `refreshing` has the browser ask for it again every ten seconds."""
    operator = process.bundle.operator
    name = escape(operator.name)
    readiness = _readiness(process)
    about = f'<p class="about">{escape(operator.description)}</p>' if operator.description else ""
    rows = "".join(_row(process, spec) for spec in process.bundle.controllers)
    heads = "".join(
        f'<th scope="col"{_NUMBER if is_number else ""}>{title}</th>'
        for title, is_number in _COLUMNS
    )
    refresh = f'<meta http-equiv="refresh" content="{REFRESH_SECONDS}">' if refreshing else ""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"{refresh}"
        # An empty icon: else the browser asks for one at each refresh.
        '<link rel="icon" href="data:,">'
        f"<title>{name}: {readiness[1]}</title><style>{_STYLE}</style></head><body><main>"
        f'<header><h1>{name}</h1><span class="version">{escape(operator.version)}</span>'
        f'<span class="pill {readiness[0]}">{readiness[1]}</span></header>{about}'
        f"{_facts(process)}{_reasons(process)}"
        f"<table><caption>Custom resource types</caption><thead><tr>{heads}</tr></thead>"
        f"<tbody>{rows}</tbody></table>{_footer(process, refreshing)}"
        "</main></body></html>"
    )


def _readiness(process: ProcessView) -> tuple[str, str]:
    """Tone and words: a degraded type leaves the process ready, but not the reader in peace."""
    if not process.readiness.ok:
        return "warn", "not ready"
    degraded = sum(view.state == "degraded" for view in process.views.values())
    return ("bad", f"ready, {degraded} degraded") if degraded else ("good", "ready")


def _facts(process: ProcessView) -> str:
    views = process.views.values()
    leadership = process.leadership
    if not leadership.enabled:
        role = "single"
    elif leadership.leading:
        role = "leader"
    else:
        role = f"follows {leadership.leader}" if leadership.leader else "follower, no leader known"
    facts = (
        ("Custom resources", f"{sum(view.resource_count for view in views):,}"),
        ("Children", f"{sum(view.child_count for view in views):,}"),
        ("Reconciles", f"{sum(view.total_reconciles for view in views):,}"),
        ("Up", go_duration((process.now - process.started_at).total_seconds())),
        ("Role", role),
    )
    cells = "".join(f"<div><dt>{name}</dt><dd>{escape(value)}</dd></div>" for name, value in facts)
    return f'<dl class="facts">{cells}</dl>'


def _reasons(process: ProcessView) -> str:
    reasons = process.liveness.reasons + process.readiness.reasons
    if not reasons:
        return ""
    shown = [f"<li>{escape(each)}</li>" for each in reasons[:_MAX_REASONS]]
    if len(reasons) > _MAX_REASONS:
        shown.append(f"<li>and {len(reasons) - _MAX_REASONS} more</li>")
    return f'<div class="reasons"><b>Not ready because</b><ul>{"".join(shown)}</ul></div>'


def _row(process: ProcessView, spec: Controller) -> str:
    view = process.views[spec.name]
    path = escape(spec.name.lower())
    name = escape(spec.name)
    has_page = spec.name in process.bundle.pages
    title = f'<a href="/docs/{path}">{name}</a>' if has_page else f"<b>{name}</b>"
    last = "never"
    if view.last_reconcile:
        last = f"{age((process.now - view.last_reconcile).total_seconds())} ago"
    row = (
        f'<tr><th scope="row" class="type">{title}<span class="kind">{escape(spec.api.kind)} · '
        f"{escape(spec.api.api_version)}</span></th>"
        f'<td data-name="State">{state_pill(view.state)}</td>'
        f'<td data-name="Ready"{_NUMBER}>{_ready(view, path)}</td>'
        f'<td data-name="Queue"{_NUMBER}>{_queue(view)}</td>'
        f'<td data-name="Workers"{_NUMBER}>{view.workers_busy} of {view.workers}</td>'
        f'<td data-name="Errors"{_NUMBER}>{view.error_rate:.0%}</td>'
        f'<td data-name="Last reconcile" class="number soft">{last}</td></tr>'
    )
    trouble = _trouble(view)
    if trouble:
        text = escape(trouble[:_MAX_TROUBLE])
        row += f'<tr class="trouble"><td class="error" colspan="{len(_COLUMNS)}">{text}</td></tr>'
    return row


def _ready(view: ControllerView, path: str) -> str:
    if not view.resource_count:
        return '<span class="soft">none</span>'
    short = ' class="short"' if view.ready_count < view.resource_count else ""
    words = f"{view.ready_count:,} of {view.resource_count:,}"
    return f'<a{short} href="/katalog/{path}/cr">{words}</a>'


def _trouble(view: ControllerView) -> str:
    """What is wrong now and how to mend it.

    An old error of a controller that works again is history, not news; while an object is not
    ready it is the likeliest reason.
    """
    if not view.missing:
        lasts = view.consecutive_failures or view.ready_count < view.resource_count
        return view.degraded_reason or (view.last_error if lasts else "")
    causes = {str(each.api.group_resource): each.trouble for each in view.informers if each.trouble}
    told = "; ".join(
        f"cannot list {name}: {causes[name]}" if name in causes else f"cannot list {name}"
        for name in view.missing
    )
    return f"{told}. Apply what katalogc build wrote: crds/ and rbac.yaml."


def _queue(view: ControllerView) -> str:
    if not view.queue_max_depth:
        return f"{view.queue_depth:,}"
    share = min(1.0, view.queue_depth / view.queue_max_depth)
    tone = "bad" if share > 0.8 else "warn" if share > 0.5 else ""
    return (
        f"{view.queue_depth:,} of {view.queue_max_depth:,}"
        f'<span class="bar {tone}"><i style="width:{share:.0%}"></i></span>'
    )


def _footer(process: ProcessView, refreshing: bool) -> str:
    refresh = (
        f'Refreshed every {REFRESH_SECONDS} s · <a href="/?refresh=off">pause</a>'
        if refreshing
        else 'Paused · <a href="/">refresh</a>'
    )
    digest = process.bundle.digest.removeprefix("sha256:")[:12]
    return (
        '<footer><a href="/katalog">Katalog as JSON</a><a href="/ready">Readiness</a>'
        f'<a href="/metrics">Metrics</a><span>katalogc {escape(__version__)}</span>'
        f"<span>bundle {escape(digest)}</span><span>{refresh}</span></footer>"
    )
