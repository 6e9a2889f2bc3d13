"""Flags, environment and surroundings settle one Config; what is wrong is said on one line."""

from __future__ import annotations

import pytest

from katalog_runtime.__main__ import main, parser
from katalog_runtime.config import OPTIONS, Address, Config, ConfigError, Shard, load
from katalog_runtime.config import duration_seconds as seconds


def settled(
    flags: dict[str, str | bool | None] | None = None,
    environment: dict[str, str] | None = None,
    *,
    in_cluster: bool = False,
    terminal: bool = True,
) -> Config:
    return load(flags or {}, environment or {}, in_cluster=in_cluster, terminal=terminal)


def test_defaults_outside_of_a_cluster():
    config = settled()
    assert (config.workers, config.resync_seconds, config.queue_depth) == (3, 15.0, 100)
    assert str(config.address) == "127.0.0.1:8080"
    assert (config.leader_elect, config.log_format, config.namespaces) == (False, "text", ())


def test_defaults_in_a_pod():
    config = settled(in_cluster=True, terminal=False)
    assert str(config.address) == "0.0.0.0:8080"
    assert (config.leader_elect, config.log_format) == (True, "json")


def test_a_log_that_no_person_reads_is_json():
    assert settled(terminal=False).log_format == "json"


def test_the_environment_is_heard_and_flags_win():
    environment = {
        "DEFAULT_WORKERS": "7", "DEFAULT_RESYNC": "1m30s", "QUEUE_DEPTH": "0",
        "KATALOG_ADDRESS": ":9090", "LEADER_ELECT": "true", "WATCH_NAMESPACE": "a, b",
        "SHARD": "1/3", "LOG_FORMAT": "json", "LOG_LEVEL": "DEBUG", "POD_NAME": "p",
        "POD_NAMESPACE": "n",
    }  # fmt: skip
    assert settled({}, environment) == Config(
        workers=7,
        resync_seconds=90.0,
        queue_depth=0,
        address=Address(host="0.0.0.0", port=9090),
        leader_elect=True,
        namespaces=("a", "b"),
        shard=Shard(index=1, count=3),
        log_format="json",
        log_level="debug",
        pod_name="p",
        pod_namespace="n",
    )
    flags = {"workers": "2", "leader_elect": False, "resync_seconds": "5"}
    config = settled(flags, environment)
    assert (config.workers, config.leader_elect, config.resync_seconds) == (2, False, 5.0)


def test_an_empty_variable_is_no_setting():
    assert settled({}, {"DEFAULT_WORKERS": ""}).workers == 3


@pytest.mark.parametrize(
    ("field", "text", "message"),
    [
        ("workers", "0", "--workers takes a whole number from 1 to 1000, not '0'"),
        ("workers", "three", "--workers takes a whole number from 1 to 1000, not 'three'"),
        ("resync_seconds", "15 s", "--resync takes a duration such as 15s or 1m30s, not '15 s'"),
        ("resync_seconds", "0s", "--resync takes a duration above zero, not '0s'"),
        ("queue_depth", "-1", "--queue-depth takes a whole number, 0 for unlimited, not '-1'"),
        ("address", "8080", "--address takes HOST:PORT"),
        ("address", "localhost:99999", "--address takes HOST:PORT"),
        ("namespaces", "Not_A_Name", "--namespace takes namespace names"),
        ("shard", "3/3", "--shard takes I/N with I from 0 to N-1"),
        ("log_format", "xml", "--log-format takes json or text, not 'xml'"),
        ("log_level", "loud", "--log-level takes one of debug, info, warning, error"),
    ],
)
def test_a_wrong_flag_is_told_in_the_users_words(field: str, text: str, message: str):
    with pytest.raises(ConfigError) as caught:
        settled({field: text})
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


def test_a_wrong_variable_is_named():
    with pytest.raises(ConfigError, match="LEADER_ELECT takes true or false, not 'maybe'"):
        settled({}, {"LEADER_ELECT": "maybe"})


@pytest.mark.parametrize(
    ("text", "expected"), [("15s", 15), ("1m30s", 90), ("500ms", 0.5), ("2h", 7200), ("7", 7)]
)
def test_durations(text: str, expected: float):
    assert seconds(text) == expected


def test_an_ipv6_address_is_written_with_brackets():
    assert str(settled({"address": "[::1]:80"}).address) == "[::1]:80"


def test_every_option_is_a_flag_of_the_process():
    flags = parser().format_help()
    assert [each.flag for each in OPTIONS if each.flag and each.flag not in flags] == []


@pytest.mark.parametrize("content", ["", "{}", "[" * 100_000, "\0", "BZh9"])
def test_a_hostile_bundle_is_one_line_and_exit_2(content, tmp_path, capsys):
    bundle = tmp_path / "bundle.json"
    bundle.write_text(content)
    assert main(["--bundle", str(bundle)]) == 2
    said = capsys.readouterr().err
    assert said.startswith("katalogc: ")
    assert said.count("\n") == 1


def test_a_bundle_that_is_none_is_one_line_and_exit_2(tmp_path, capsys):
    broken = tmp_path / "bundle.json"
    broken.write_text('{"format": "katalog.bundle/v9"}')
    assert main(["--bundle", str(broken)]) == 2
    assert capsys.readouterr().err == (
        "katalogc: this runtime executes katalog.bundle/v1, the bundle says 'katalog.bundle/v9'\n"
    )


def test_a_bundle_that_is_missing_is_one_line_and_exit_2(tmp_path, capsys):
    assert main(["--bundle", str(tmp_path / "none.json")]) == 2
    assert capsys.readouterr().err.endswith("none.json: No such file or directory\n")


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("127.0.0.1:8080", "http://127.0.0.1:8080/"),
        (":8099", "http://localhost:8099/"),
        ("0.0.0.0:8099", "http://localhost:8099/"),
        ("[::]:8099", "http://localhost:8099/"),
        ("[::1]:8099", "http://[::1]:8099/"),
    ],
)
def test_the_address_for_a_browser_leads_to_this_machine(text, url):
    config = load({"address": text}, {}, in_cluster=False, terminal=True)
    assert config.address.url == url
