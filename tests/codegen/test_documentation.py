import dataclasses
import re
from html.parser import HTMLParser

import pytest

from katalog_runtime.documentation_page import STATE_MARK
from katalogc.codegen.documentation import html, index_html, markdown, page_of
from katalogc.codegen.documentation.page import Verbatim, mono, pieces
from katalogc.codegen.documentation.sections import duration
from katalogc.codegen.permissions import permissions
from tests.codegen.operators import config_map, controller, operator, secret


def page(one=None, **changes):
    ir = operator(one or controller(**changes))
    return page_of(ir, ir.controllers[0], permissions(ir))


class Text(HTMLParser):
    """The words that a reader sees, and the resources that a page asks for."""

    def __init__(self):
        super().__init__()
        self.words = []
        self.resources = []
        self.open = []

    def handle_starttag(self, tag, attributes):
        self.open.append(tag)
        self.resources += [value for name, value in attributes if name in ("src", "srcset")]
        if tag in ("link", "script", "img", "iframe"):
            self.resources.append(tag)

    def handle_data(self, data):
        if self.open and self.open[-1] != "style":
            self.words.append(data)


def text_of(document):
    parser = Text()
    parser.feed(document)
    return parser


@pytest.mark.parametrize(
    "section",
    [
        "Overview",
        "Reconcile Mode",
        "Configuration",
        "Child Resources",
        "kubectl Reference",
        "Access Control",
    ],
)
def test_every_section_of_the_reference_page_is_there(section):
    assert f"## {section}\n" in markdown(page())
    assert f">{section}</h2>" in html(page())


@pytest.mark.parametrize(
    "words",
    [
        "| Kind | Count | Lifecycle phases |",
        "| ConfigMap | 1 | onCreate |",
        "| ReplicaSet | 1 | onReconcile |",
        "maintains 3 workers",
        "maximum depth of 100",
        "every 15s",
        "kubectl get datajob -n <namespace> -w",
        "kubectl delete datajob <name> -n <namespace>",
        "1 configmaps, 1 datajobs, 1 datajobs/status, 1 replicasets",
        "| apps | replicasets | get list watch create patch delete |",
        "| `spec.parallelism` | integer or text |",
    ],
)
def test_a_page_says(words):
    assert words in markdown(page())


def test_a_katalogs_own_settings_replace_the_defaults():
    text = markdown(page(workers=1, resync_seconds=90.0, queue_depth=0))
    assert "maintains 1 worker " in text
    assert "every 1m30s" in text
    assert "The queue has no maximum depth." in text


def test_a_generated_secret_is_told_with_its_rotation():
    assert "generated once, renewed after `30d`" in markdown(page(children=(secret(),)))


def test_html_is_self_contained():
    assert text_of(html(page())).resources == []
    assert not re.search(r"https?://|@import|url\(", html(page()))


def test_html_and_markdown_tell_the_same():
    words = " ".join(" ".join(text_of(html(page())).words).split())
    for line in markdown(page()).splitlines():
        if line and not line.startswith(("#", "|", "`", "Operator", "DataJob")):
            assert " ".join(line.replace("`", "").split()[:6])[:30] in words.replace("  ", " ")


HOSTILE = "<script>alert(1)</script> | **x** `y` ${z} {{ a }}"


def test_what_a_user_wrote_is_never_markup():
    made = page(description=HOSTILE, children=(config_map(A=HOSTILE.replace("{{ a }}", "")),))
    assert "<script" not in html(made)
    assert "\\<script\\>" in markdown(made)


def test_an_index_links_to_every_page_and_a_page_back():
    ir = operator()
    assert '<a href="data-job.html">data-job</a>' in index_html(ir, [page()])
    assert '<a href="index.html">← data-platform</a>' in html(page(), index="index.html")


def test_the_page_that_an_operator_serves_has_one_place_for_its_state():
    assert html(page()).count(STATE_MARK) == 1
    assert STATE_MARK not in html(page(), index="index.html")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        pytest.param("a", "`a`", id="plain"),
        pytest.param("a`b", "`` a`b ``", id="backtick"),
        pytest.param("a``b", "``` a``b ```", id="two-backticks"),
        pytest.param("a\n b", "`a b`", id="lines-become-one"),
    ],
)
def test_code_survives_its_own_backticks(text, code):
    assert mono(text) == code
    assert list(pieces(f"x {code} y")) == [
        (False, "x "),
        (True, " ".join(text.split())),
        (False, " y"),
    ]


def test_verbatim_text_is_escaped_for_markdown():
    assert Verbatim("a *b* <c>\n[d]").markdown == "a \\*b\\* \\<c\\> \\[d\\]"


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.5, "500ms"), (15, "15s"), (90, "1m30s"), (300, "5m"), (7200, "2h")]
)
def test_durations_are_written_as_people_do(seconds, text):
    assert duration(seconds) == text


def test_what_stands_in_both_phases_is_counted_as_one_object():
    created = config_map()
    synced = dataclasses.replace(created, phase="onReconcile", sync="apply")
    text = markdown(page(children=(created, synced)))
    assert "| ConfigMap | 1 | onCreate, onReconcile |" in text
    assert "What appears in both phases is created once and kept in sync thereafter." in text
    assert "in both phases" not in markdown(page())
