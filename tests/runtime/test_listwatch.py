from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from katalog_runtime.cluster import ListPage, WatchEvent
from katalog_runtime.errors import ApiError, ForbiddenError, GoneError, UnreachableError
from katalog_runtime.listwatch import (
    Delta,
    ListRequest,
    ListWatch,
    Phase,
    Remove,
    Sweep,
    Upsert,
    WaitRequest,
    WatchRequest,
)
from katalog_runtime.objects import NamespacedName


def machine(**more: Any) -> ListWatch:
    sizes: dict[str, Any] = {"page_size": 2, "watch_seconds": 290, "audit_seconds": 10_000, **more}
    return ListWatch(chance=lambda: 0.5, **sizes)


def thing(name: str, version: int, uid: str = "u") -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {
            "name": name,
            "namespace": "team",
            "uid": f"{uid}-{name}",
            "resourceVersion": str(version),
        },
    }


def page(*items: dict[str, Any], version: int = 10, token: str = "") -> ListPage:
    return ListPage(items=list(items), resource_version=str(version), continue_token=token)


def event(type_: str, version: int, name: str = "a") -> WatchEvent:
    return WatchEvent(type=type_, object=thing(name, version))


def gone_line() -> WatchEvent:
    status = {"kind": "Status", "code": 410, "reason": "Expired", "message": "too old"}
    return WatchEvent(type="ERROR", object=status)


def watching(**more: Any) -> ListWatch:
    state = machine(**more)
    state.on_page(page(thing("a", 5)), 0)
    assert isinstance(state.request(0), WatchRequest)
    return state


def test_pages_are_read_to_the_end_and_swept_once() -> None:
    state = machine()
    assert state.request(0) == ListRequest(2, "")
    state.on_page(page(thing("a", 1), thing("b", 2), token="next"), 1)
    assert not state.synced
    assert state.request(1) == ListRequest(2, "next")
    deltas = state.on_page(page(thing("c", 3)), 2)
    everything = frozenset(NamespacedName("team", name) for name in "abc")
    assert deltas == [Upsert(thing("c", 3)), Sweep(everything, "10")]
    assert state.synced
    request = state.request(2)
    assert isinstance(request, WatchRequest)
    assert request.resource_version == "10"


def test_w1_410_on_watch_start_lists_again() -> None:
    state = watching()
    state.on_error(GoneError(410, "Expired", "too old"))
    assert state.request(1) == ListRequest(2, "")


def test_w2_410_as_an_event_lists_again_at_once() -> None:
    state = watching()
    assert state.on_event(gone_line(), 1) == []
    assert state.request(1) == ListRequest(2, "")


def test_w2_a_server_that_answers_every_watch_with_410_is_not_hammered() -> None:
    state = watching()
    waits = []
    for now in range(1, 6):
        state.on_event(gone_line(), now)
        request = state.request(now)
        if isinstance(request, WaitRequest):
            waits.append(request.seconds)
            state.on_waited()
        assert isinstance(state.request(now), ListRequest)
        state.on_page(page(thing("a", 5)), now)
        assert isinstance(state.request(now), WatchRequest)
    assert len(waits) == 4
    assert waits == sorted(waits)
    assert waits[-1] > 2


def test_w3_other_errors_in_the_stream_resume_from_the_last_version_after_a_wait() -> None:
    state = watching()
    state.on_event(event("MODIFIED", 42), 1)
    status = {"kind": "Status", "code": 500, "message": "etcd is slow"}
    state.on_event(WatchEvent(type="ERROR", object=status), 2)
    assert isinstance(state.request(2), WaitRequest)
    state.on_waited()
    request = state.request(3)
    assert isinstance(request, WatchRequest)
    assert request.resource_version == "42"


def test_w4_silence_resumes_from_the_last_version() -> None:
    state = watching()
    state.on_event(event("BOOKMARK", 77), 1)
    state.on_silence()
    request = state.request(91)
    assert isinstance(request, WatchRequest)
    assert request.resource_version == "77"


def test_w5_a_clean_end_resumes_without_a_list() -> None:
    state = watching()
    state.on_event(event("BOOKMARK", 99), 100)
    state.on_end(290)
    request = state.request(290)
    assert isinstance(request, WatchRequest)
    assert request.resource_version == "99"
    assert state.lists == 1


def test_w5_a_server_that_hangs_up_at_once_is_asked_ever_more_slowly() -> None:
    state = watching()
    waits = []
    for _ in range(4):
        state.on_end(0.1)
        request = state.request(0.1)
        assert isinstance(request, WaitRequest)
        waits.append(request.seconds)
        state.on_waited()
        state.request(0.1)
    assert waits == sorted(waits)
    assert waits[-1] > waits[0]


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(WatchEvent(type="SURPRISE", object=thing("a", 9)), id="unknown-type"),
        pytest.param(WatchEvent(type="ADDED", object=None), id="null"),  # type: ignore[arg-type]
        pytest.param(WatchEvent(type="ADDED", object={"metadata": {}}), id="no-version"),
        pytest.param(WatchEvent(type="ADDED", object={"metadata": 7}), id="no-metadata"),
    ],
)
def test_w9_a_line_that_is_no_event_drops_the_connection_and_poisons_nothing(
    line: WatchEvent,
) -> None:
    state = watching()
    state.on_event(event("ADDED", 21), 1)
    assert state.on_event(line, 2) == []
    assert state.phase is Phase.WAITING
    state.on_waited()
    request = state.request(3)
    assert isinstance(request, WatchRequest)
    assert request.resource_version == "21"


def test_w9_a_server_that_sends_only_garbage_is_listed_in_the_end() -> None:
    state = watching()
    for _ in range(5):
        state.on_event(WatchEvent(type="ADDED", object={}), 1)
        assert isinstance(state.request(1), WaitRequest)
        state.on_waited()
        request = state.request(1)
    assert isinstance(request, ListRequest)


def test_w10_an_expired_token_restarts_the_list() -> None:
    state = machine()
    state.on_page(page(thing("a", 1), thing("b", 2), token="next"), 0)
    state.on_error(GoneError(410, "Expired", "token expired"))
    assert state.request(1) == ListRequest(2, "")
    deltas = state.on_page(page(thing("b", 2)), 1)
    assert deltas[-1] == Sweep(frozenset({NamespacedName("team", "b")}), "10")


def test_w11_after_the_audit_time_a_list_follows_the_watch() -> None:
    state = watching(audit_seconds=100)
    state.on_end(200)
    assert isinstance(state.request(200), ListRequest)


def test_a_list_is_wanted_at_once_while_watching_and_read_once() -> None:
    state = watching()
    state.want_list()
    state.want_list()
    assert state.list_wanted
    state.on_hangup()
    assert state.request(1) == ListRequest(2, "")
    assert not state.list_wanted
    state.on_page(page(thing("a", 5)), 1)
    assert isinstance(state.request(1), WatchRequest)
    assert (state.lists, state.watch_ends) == (2, 1)


def test_a_list_that_begins_anyway_is_not_read_twice() -> None:
    state = machine()
    state.want_list()
    assert state.request(0) == ListRequest(2, "")
    state.want_list()
    state.on_page(page(thing("a", 5)), 1)
    assert isinstance(state.request(1), WatchRequest)


def test_a_list_wanted_in_the_middle_of_one_is_read_after_it() -> None:
    state = machine()
    state.on_page(page(thing("a", 1), token="next"), 0)
    state.want_list()
    assert state.request(0) == ListRequest(2, "next")
    state.on_page(page(thing("b", 2)), 1)
    assert state.request(1) == ListRequest(2, "")
    state.on_page(page(thing("a", 1), thing("b", 2)), 2)
    assert isinstance(state.request(2), WatchRequest)


@pytest.mark.parametrize("end", ["error", "end", "silence"])
def test_a_list_that_was_wanted_follows_however_the_watch_ends(end: str) -> None:
    state = watching()
    state.want_list()
    if end == "error":
        state.on_error(UnreachableError("gone"))
    elif end == "end":
        state.on_end(0.1)
    else:
        state.on_silence()
    request = state.request(1)
    if isinstance(request, WaitRequest):
        state.on_waited()
        request = state.request(1)
    assert request == ListRequest(2, "")


def test_what_got_lost_is_listed_again_when_the_watch_ends_but_never_in_a_loop() -> None:
    state = watching()
    state.want_audit()
    state.on_end(0.5)
    assert isinstance(state.request(0.5), WaitRequest)
    state.on_waited()
    assert isinstance(state.request(1), WatchRequest)
    state.on_end(250)
    assert state.request(250) == ListRequest(2, "")
    state.on_page(page(thing("a", 5)), 251)
    assert isinstance(state.request(251), WatchRequest)
    state.on_end(500)
    assert isinstance(state.request(500), WatchRequest)


def test_w14_a_refused_list_waits_names_the_trouble_and_recovers() -> None:
    state = machine()
    state.request(0)
    state.on_error(ForbiddenError(403, "Forbidden", "configmaps is forbidden"))
    assert state.trouble == "configmaps is forbidden"
    assert isinstance(state.request(0), WaitRequest)
    state.on_waited()
    assert state.request(1) == ListRequest(2, "")
    state.on_page(page(), 2)
    assert state.trouble == ""
    assert state.synced


def test_a4_an_outage_however_long_ends_in_resuming_not_in_listing() -> None:
    state = watching()
    for now in range(1, 40):
        state.on_error(UnreachableError("connection refused"))
        request = state.request(now)
        assert isinstance(request, WaitRequest)
        assert request.seconds <= 30
        state.on_waited()
    assert isinstance(state.request(50), WatchRequest)


class Server:
    """A type on an API server: objects, a history that may be compacted, paged lists."""

    def __init__(self) -> None:
        self.version = 100
        self.objects: dict[str, dict[str, Any]] = {}
        self.history: list[tuple[int, str, dict[str, Any]]] = []
        self.oldest = 100
        self.uids = 0

    def put(self, name: str) -> None:
        self.version += 1
        known = self.objects.get(name)
        if known is None:
            self.uids += 1
        uid = known["metadata"]["uid"][:-2] if known else f"{self.uids}"
        self.objects[name] = thing(name, self.version, uid)
        self.history.append((self.version, "MODIFIED" if known else "ADDED", self.objects[name]))

    def delete(self, name: str) -> None:
        if name in self.objects:
            self.version += 1
            last = self.objects.pop(name)
            last = {**last, "metadata": {**last["metadata"], "resourceVersion": str(self.version)}}
            self.history.append((self.version, "DELETED", last))

    def compact(self) -> None:
        self.history.clear()
        self.oldest = self.version

    def page(self, request: ListRequest) -> ListPage:
        names = sorted(self.objects)
        at, _, start = request.continue_token.partition(":")
        if at and int(at) != self.version:
            raise GoneError(410, "Expired", "the token is too old")
        first = int(start or 0)
        rest = names[first + request.limit :]
        return ListPage(
            items=[self.objects[name] for name in names[first : first + request.limit]],
            resource_version=str(self.version),
            continue_token=f"{self.version}:{first + request.limit}" if rest else "",
        )


class Store:
    """The cache's rules in a few lines: the higher version wins, a sweep removes the unseen."""

    def __init__(self) -> None:
        self.objects: dict[str, dict[str, Any]] = {}

    def take(self, deltas: list[Delta]) -> None:
        for delta in deltas:
            match delta:
                case Upsert(manifest):
                    self.objects[manifest["metadata"]["name"]] = manifest
                case Remove(manifest):
                    self.objects.pop(manifest["metadata"]["name"], None)
                case Sweep(seen, _):
                    names = {key.name for key in seen}
                    self.objects = {k: v for k, v in self.objects.items() if k in names}


class World:
    """A server, a machine and a store; every step is one exchange that may go wrong."""

    def __init__(self) -> None:
        self.server = Server()
        self.state = machine()
        self.store = Store()
        self.now = 0.0
        self.sent = 0
        self.request: Any = None

    def exchange(self, fault: str) -> None:
        self.now += 2
        if not isinstance(self.request, WatchRequest) or self.state.phase is not Phase.WATCHING:
            self.request = self.state.request(self.now)
            if isinstance(self.request, WatchRequest):
                self.sent = int(self.request.resource_version)
        match self.request:
            case WaitRequest():
                self.state.on_waited()
            case ListRequest():
                self.answer_list(fault)
            case WatchRequest():
                self.answer_watch(fault)

    def answer_list(self, fault: str) -> None:
        try:
            if fault == "error":
                raise UnreachableError("reset")
            self.store.take(self.state.on_page(self.server.page(self.request), self.now))
        except ApiError as error:
            self.state.on_error(error)

    def answer_watch(self, fault: str) -> None:
        if self.sent < self.server.oldest or fault == "gone":
            self.state.on_event(gone_line(), self.now)
            return
        if fault == "error":
            self.state.on_error(UnreachableError("reset"))
        elif fault == "end":
            self.state.on_end(self.now)
            self.request = None
        elif fault == "silence":
            self.state.on_silence()
            self.request = None
        elif fault == "garbage":
            self.state.on_event(WatchEvent(type="", object={}), self.now)
        else:
            for version, type_, manifest in self.server.history:
                if version > self.sent:
                    line = WatchEvent(type=type_, object=manifest)
                    self.store.take(self.state.on_event(line, self.now))
                    self.sent = version
                    break


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.sampled_from("abcde")),
        st.tuples(st.just("delete"), st.sampled_from("abcde")),
        st.tuples(st.just("compact"), st.just("")),
        st.tuples(
            st.just("exchange"),
            st.sampled_from(["", "", "", "error", "end", "silence", "gone", "garbage"]),
        ),
    ),
    max_size=60,
)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(steps=STEPS)
def test_any_sequence_of_disconnects_ends_with_the_cache_equal_to_the_server(
    steps: list[tuple[str, str]],
) -> None:
    world = World()
    for what, how in steps:
        match what:
            case "put":
                world.server.put(how)
            case "delete":
                world.server.delete(how)
            case "compact":
                world.server.compact()
            case _:
                world.exchange(how)
    for _ in range(len(steps) + 20):
        world.exchange("")
    assert world.store.objects == world.server.objects
