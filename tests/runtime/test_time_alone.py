"""What time alone changes is done at its moment, and nothing is evaluated before. Virtual time."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from katalogc.localcluster import Fault
from tests.runtime.bundles import (
    cluster_role,
    config_map,
    generated_secret,
    job,
    named_config_map,
    status_field,
)
from tests.runtime.world import World, with_settings, world

pytestmark = pytest.mark.looptime(noop_cycles=0)

RARE = with_settings(resync_seconds=36_000.0)
"""A resync that is no help."""
WINDOW = '{{ if timeInWindow "01:00" "02:00" }}open{{ else }}closed{{ end }}'
NOW_FIELD = (status_field("seen", "{{ now }}"),)


async def rest_until(scene: World, moment: str) -> None:
    """Let time pass up to the moment of that day."""
    left = datetime.fromisoformat(f"2026-01-01T{moment}Z") - scene.clock.now()
    await scene.quiet(left.total_seconds())


async def assert_idle_until(scene: World, moment: str) -> None:
    """Up to that moment nothing is decided, rendered or sent."""
    before = scene.controller.view().total_reconciles
    scene.local.forget_requests()
    await rest_until(scene, moment)
    assert scene.writes() == []
    assert scene.controller.view().total_reconciles == before


def mode(scene: World) -> Any:
    return scene.get("ConfigMap", "a-config")["data"]["TIMEOUT"]


@pytest.mark.parametrize("settings", [RARE, with_settings()], ids=["rare-resync", "15s-resync"])
async def test_an_expiry_is_acted_on_at_its_moment_and_never_looked_at_again(settings: Any) -> None:
    expiry = '{{ if isExpired .spec.since "2h" }}late{{ else }}early{{ end }}'
    scene = world(config_map(text=expiry, sync="apply"), settings=settings)
    async with scene.operator():
        scene.create(job(since="2026-01-01T00:00:00Z"))
        await scene.until(scene.is_ready)
        await scene.quiet(1)
        await assert_idle_until(scene, "01:59:59")
        assert mode(scene) == "early"
        await rest_until(scene, "02:00:01")
        assert mode(scene) == "late"
        assert scene.writes().count(("apply", "configmaps")) == 1
        await assert_idle_until(scene, "09:00:00")


async def test_a_status_field_changes_at_both_ends_of_a_window() -> None:
    scene = world(status_fields=(status_field("gate", WINDOW),), settings=RARE)
    async with scene.operator():
        scene.create()
        await scene.until(scene.is_ready)
        await scene.quiet(1)
        for moment, after, gate in (
            ("00:59:59", "01:00:01", "open"),
            ("01:59:59", "02:00:01", "closed"),
        ):
            await assert_idle_until(scene, moment)
            await rest_until(scene, after)
            assert scene.owner()["status"]["gate"] == gate
            assert scene.writes() == [("update", "datajobs/status")]


async def test_a_status_field_that_shows_the_time_moves_with_each_resync() -> None:
    scene = world(status_fields=NOW_FIELD)
    async with scene.operator():
        scene.create()
        await scene.until(scene.is_ready)
        await scene.quiet(1)
        scene.local.forget_requests()
        await scene.quiet(60)
        assert scene.writes() == [("update", "datajobs/status")] * 4


async def test_without_a_resync_what_shows_the_time_is_written_once() -> None:
    scene = world(status_fields=NOW_FIELD, settings=with_settings(resync_seconds=0.0))
    async with scene.operator():
        scene.create()
        await scene.until(scene.is_ready)
        await scene.quiet(1)
        await assert_idle_until(scene, "00:10:00")


async def test_what_is_made_once_is_not_looked_at_again_for_the_time_it_shows() -> None:
    scene = world(config_map(text="{{ now }}"))
    async with scene.operator():
        scene.create()
        await scene.until(scene.is_ready)
        await scene.quiet(1)
        await assert_idle_until(scene, "00:10:00")


async def test_a_name_that_depends_on_the_time_changes_at_its_moment() -> None:
    scene = world(named_config_map("{{ .metadata.name }}-" + WINDOW), settings=RARE)
    async with scene.operator():
        scene.create(job(shard="1"))
        await scene.until(scene.is_ready)
        await scene.quiet(1)
        await assert_idle_until(scene, "00:59:59")
        await rest_until(scene, "01:00:01")
        assert scene.exists("ConfigMap", "a-open")
        assert not scene.exists("ConfigMap", "a-closed")


async def test_a_rotation_whose_period_depends_on_the_time_is_due_on_time() -> None:
    period = '{{ if timeInWindow "01:00" "02:00" }}30m{{ else }}30d{{ end }}'
    scene = world(generated_secret(period), settings=RARE)
    async with scene.operator():
        scene.create()
        await scene.until(scene.is_ready)
        await scene.quiet(1)
        first = scene.get("Secret", "a-key")["data"]
        await assert_idle_until(scene, "00:59:59")
        await rest_until(scene, "01:00:01")
        assert scene.get("Secret", "a-key")["data"] != first


async def test_a_template_that_fails_for_a_while_recovers_at_the_end_of_it() -> None:
    failing = '{{ if timeInWindow "01:00" "02:00" }}{{ fail "no work at night" }}{{ end }}open'
    scene = world(config_map(text=failing, sync="apply"), settings=RARE)
    async with scene.operator():
        scene.create()
        await scene.until(scene.is_ready)
        await scene.quiet(1)
        await assert_idle_until(scene, "00:59:59")
        await rest_until(scene, "01:00:10")
        assert "no work at night" in scene.ready()["message"]
        await rest_until(scene, "02:00:01")
        assert scene.is_ready()


async def test_a_deletion_that_is_refused_backs_off_whatever_moment_had_been_noted() -> None:
    scene = world(cluster_role(), status_fields=NOW_FIELD)
    async with scene.operator():
        scene.create()
        await scene.until(scene.is_ready)
        scene.local.inject(Fault(verb="delete", resource="clusterroles", times=0, status=403))
        scene.local.delete("DataJob", "a", namespace="team")
        await scene.quiet(300)
        attempts = [each for each in scene.writes() if each == ("delete", "clusterroles")]
        assert 1 <= len(attempts) <= 25
