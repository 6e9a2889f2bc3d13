"""What the operator puts into Secrets stays there: no log line, Event, condition or route has it."""

from __future__ import annotations

import base64
import json
import logging
from typing import Any

import pytest

from katalog_runtime.bundle import ChildTemplate, Template
from katalog_runtime.events import RecordedEvent
from katalog_runtime.logs import JsonFormatter
from katalog_runtime.object_shapes import detail, events, objects
from katalog_runtime.objects import NamespacedName
from katalogc.localcluster import Fault
from tests.runtime.bundles import ORIGIN, SECRET, config_map, hole, job, status_field
from tests.runtime.world import World, world

pytestmark = pytest.mark.looptime(noop_cycles=0)

WORD = "Sesame-open-57"
"""What the template puts into the Secret; it stands nowhere else in this world."""


def secret(sync: Any) -> ChildTemplate:
    skeleton = {"apiVersion": "v1", "kind": "Secret", "metadata": {}, "stringData": {"a": WORD}}
    holes = (
        hole("metadata/name", f"{{{{ .metadata.name }}}}-{sync}"),
        hole("stringData/b", f"{{{{ .spec.timeout }}}}-{WORD}"),
        hole("data/c", WORD, "bytes"),
    )
    return ChildTemplate(
        id=f"onReconcile.secrets.{sync}",
        phase="onReconcile",
        api=SECRET,
        sync=sync,
        manifest=Template(skeleton=skeleton, holes=holes),
        origin=ORIGIN,
    )


def told(scene: World, records: list[logging.LogRecord]) -> str:
    """Everything that anybody but a reader of Secrets can see."""
    found = scene.controller.object(NamespacedName("team", "a"))
    assert found is not None
    now = scene.clock.now()
    shown = [
        detail(scene.spec, found, leads=True, now=now),
        objects(scene.spec, [found], leads=True, field="status", now=now),
        events(found, [RecordedEvent(record=each, at=now) for each in scene.events], now=now),
        scene.owner(),
    ]
    lines = [JsonFormatter().format(each) for each in records]
    return json.dumps(shown, default=str) + "\n".join(lines) + repr(scene.controller.view())


async def test_the_data_of_a_secret_is_told_to_nobody(caplog: pytest.LogCaptureFixture) -> None:
    # A status field that looks into children makes the cache keep them whole.
    names = status_field("names", "{{ len .children.secrets }}")
    scene = world(secret("create"), secret("apply"), config_map(), status_fields=(names,))
    with caplog.at_level(logging.DEBUG, logger="tests.runtime"):
        async with scene.operator():
            scene.create()
            await scene.until(scene.is_ready)
            for status in (422, 403, 409, 500):
                scene.local.inject(Fault(verb="write", resource="secrets", status=status, times=4))
                body = {"data": {"a": base64.b64encode(b"other").decode()}}
                scene.local.patch("Secret", "a-apply", body, namespace="team")
                scene.local.delete("Secret", "a-create", namespace="team")
                await scene.quiet(60)
            scene.create(job(timeout="9h"))
            await scene.until(lambda: scene.ready()["observedGeneration"] == 2, seconds=900)
            await scene.until(scene.is_ready, seconds=900)
            seen = told(scene, caplog.records)
    held = scene.get("Secret", "a-apply")["data"]
    assert base64.b64decode(held["b"]).decode() == f"9h-{WORD}"
    assert "reconcile failed" in seen
    for spelling in (WORD, *held.values(), base64.b64encode(WORD.encode()).decode()):
        assert spelling not in seen
