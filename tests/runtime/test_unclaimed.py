"""Children that several controllers share a watch of: who keeps which, whatever comes first."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from katalog_runtime.cache import Cache
from katalog_runtime.functions import TABLE
from katalog_runtime.inventory import child_labels, owner_reference, set_id
from katalog_runtime.listwatch import Delta, Remove, Sweep, Upsert
from katalog_runtime.objects import Manifest, NamespacedName, key_of
from katalog_runtime.render import ChildRef, compile_program
from katalog_runtime.unclaimed import UnclaimedChildren
from tests.runtime.bundles import OPERATOR, cluster_role, config_map
from tests.runtime.platform import owner_type, spec

PROGRAMS = tuple(
    compile_program(spec(number, config_map(), cluster_role()), OPERATOR, TABLE)
    for number in range(2)
)
ROLES = next(n for n, kind in enumerate(PROGRAMS[0].kinds) if kind.api.kind == "ClusterRole")


class Shared:
    """Two controllers' caches on one watch of ClusterRoles, fed by hand."""

    def __init__(self) -> None:
        self.caches = [Cache(program, lambda key: True) for program in PROGRAMS]
        self.waiting = UnclaimedChildren()
        for cache, program in zip(self.caches, PROGRAMS, strict=True):
            self.waiting.widen(program.kinds[ROLES].mask)
            cache.claim_from([[self.waiting] if kind == ROLES else [] for kind in range(2)])

    def owners(self, controller: int, *deltas: Delta) -> list[NamespacedName]:
        return list(self.caches[controller].owner_deltas("", list(deltas)))

    def children(self, *deltas: Delta) -> list[list[NamespacedName]]:
        told = [list(each.child_deltas(ROLES, "", list(deltas))) for each in self.caches]
        self.waiting.take(
            list(deltas), lambda key, of: any(each.holds(ROLES, key, of) for each in self.caches)
        )
        return told

    def kept(self) -> list[int]:
        return [*(each.child_count for each in self.caches), len(self.waiting)]

    def family(self, controller: int, name: str) -> dict[str, str]:
        """The children of an owner, with their versions."""
        children = self.caches[controller].children_of(identity(controller, name))
        return {ref.key.name: child.version for ref, child in children.items()}


def identity(controller: int, name: str) -> str:
    api = owner_type(controller)
    return set_id(api.kind, api.group, NamespacedName("team", name))


def an_owner(controller: int, name: str, version: int) -> Manifest:
    return {
        "apiVersion": "data.example.com/v1",
        "kind": owner_type(controller).kind,
        "metadata": {
            "name": name,
            "namespace": "team",
            "uid": f"{controller}-{name}",
            "resourceVersion": str(version),
        },
    }


def a_role(name: str, version: int, label: str = "", **metadata: Any) -> Manifest:
    labels = child_labels("any", label) if label else {"orkestra.orkspace.io/managed": "true"}
    return {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {
            "name": name,
            "uid": f"uid-{name}",
            "resourceVersion": str(version),
            "labels": labels,
            "managedFields": [{"manager": "katalogc", "operation": "Update"}],
            **metadata,
        },
        "rules": [],
        "aggregationRule": {"nobody": "uses this"},
    }


def test_a_child_that_comes_before_its_owner_waits_once_and_is_handed_over() -> None:
    scene = Shared()
    assert scene.children(Upsert(a_role("r", 5, identity(0, "a")))) == [[], []]
    assert scene.kept() == [0, 0, 1]
    scene.owners(1, Upsert(an_owner(1, "a", 6)))
    assert scene.kept() == [0, 0, 1]
    assert scene.owners(0, Upsert(an_owner(0, "a", 7))) == [("team", "a")]
    assert scene.kept() == [1, 0, 0]
    child = scene.caches[0].child(ChildRef(ROLES, NamespacedName("", "r")))
    assert child is not None
    assert (child.uid, child.version, child.deleting) == ("uid-r", "5", False)
    assert child.handover is not None
    assert child.manifest.keys() == {"apiVersion", "kind", "metadata", "rules"}
    assert "managedFields" not in child.manifest["metadata"]


def test_a_child_of_a_known_owner_costs_the_other_cache_nothing() -> None:
    scene = Shared()
    for controller in range(2):
        scene.owners(controller, Upsert(an_owner(controller, "a", 1)))
    assert scene.children(Upsert(a_role("r", 5, identity(1, "a")))) == [[], [("team", "a")]]
    assert scene.kept() == [0, 1, 0]


def test_a_child_that_is_labelled_anew_changes_hands_and_both_owners_are_looked_at() -> None:
    scene = Shared()
    for controller in range(2):
        scene.owners(controller, Upsert(an_owner(controller, "a", 1)))
    scene.children(Upsert(a_role("r", 5, identity(0, "a"))))
    told = scene.children(Upsert(a_role("r", 6, identity(1, "a"))))
    assert told == [[("team", "a")], [("team", "a")]]
    assert scene.kept() == [0, 1, 0]
    scene.owners(1, Upsert(an_owner(1, "b", 2)))
    told = scene.children(Upsert(a_role("r", 7, identity(1, "b"))))
    assert told == [[], [("team", "b"), ("team", "a")]]
    # What is older brings nothing back.
    assert scene.children(Upsert(a_role("r", 6, identity(1, "a")))) == [[], []]
    assert scene.family(1, "b") == {"r": "7"}


def test_a_child_that_gets_a_controller_of_another_type_leaves_and_waits_for_nobody() -> None:
    scene = Shared()
    scene.owners(0, Upsert(an_owner(0, "a", 1)))
    scene.children(Upsert(a_role("r", 5, identity(0, "a"))))
    stranger = owner_reference({"apiVersion": "v1", "kind": "Pod", "metadata": {
        "name": "p", "uid": "p"}})  # fmt: skip
    taken = a_role("r", 6, identity(0, "a"), ownerReferences=[stranger])
    assert scene.children(Upsert(taken)) == [[("team", "a")], []]
    assert scene.kept() == [0, 0, 0]


def test_a_child_found_by_its_name_stays_although_its_labels_name_no_owner() -> None:
    scene = Shared()
    scene.owners(0, Upsert(an_owner(0, "a", 1)))
    scene.caches[0].put_child(ROLES, a_role("r", 5), identity(0, "a"))
    assert scene.children(Upsert(a_role("r", 6))) == [[("team", "a")], []]
    assert scene.family(0, "a") == {"r": "6"}


def test_children_of_an_owner_that_is_gone_are_there_when_it_is_made_again() -> None:
    scene = Shared()
    scene.owners(0, Upsert(an_owner(0, "a", 1)))
    scene.children(Upsert(a_role("r", 5, identity(0, "a"))))
    scene.owners(0, Remove(an_owner(0, "a", 6)))
    scene.children(Upsert(a_role("r", 7, identity(0, "a"))))
    scene.owners(0, Upsert(an_owner(0, "a", 8)))
    assert scene.family(0, "a") == {"r": "7"}


def test_what_waits_is_forgotten_when_it_is_gone_but_not_by_older_news() -> None:
    scene = Shared()
    scene.children(*(Upsert(a_role(f"r{n}", 5 + n, identity(0, "a"))) for n in range(4)))
    scene.children(Remove(a_role("r0", 9)), Remove(a_role("r3", 2)))
    assert len(scene.waiting) == 3
    scene.children(Sweep(frozenset({NamespacedName("", "r1")}), "7"))
    scene.owners(0, Upsert(an_owner(0, "a", 30)))
    assert scene.family(0, "a") == {"r1": "6", "r3": "8"}


def test_sharing_controllers_find_the_fields_of_each() -> None:
    waiting = UnclaimedChildren()
    waiting.widen({"data": {"A": True}})
    waiting.widen({"data": {"B": True}})
    manifest = {**a_role("r", 5, "set"), "data": {"A": "1", "B": "2", "C": "3"}}
    waiting.take([Upsert(manifest)], lambda key, of: False)
    (child,) = waiting.claim("set")
    assert child.manifest["data"] == {"A": "1", "B": "2"}
    assert list(waiting.claim("set")) == []


# Whatever comes first ---------------------------------------------------------------------------

Step = tuple[str, int, str, str]
"""What to do, a controller (or watch: 2 is the children's), an owner's name, a child's name."""

STEPS = st.lists(
    st.tuples(
        st.sampled_from(["own", "disown", "put", "put", "drop", "hear", "hear", "list"]),
        st.integers(0, 2),
        st.sampled_from("ab"),
        st.sampled_from("rst"),
    ),
    max_size=60,
)


class Server:
    """What exists, and what each of three watches (two of owners, one of children) is yet to say."""

    def __init__(self) -> None:
        self.version = 0
        self.stored: list[dict[NamespacedName, Manifest]] = [{}, {}, {}]
        self.pending: list[list[Delta]] = [[], [], []]

    def put(self, watch: int, manifest: Manifest) -> None:
        self.stored[watch][key_of(manifest)] = manifest
        self.pending[watch].append(Upsert(manifest))

    def drop(self, watch: int, key: NamespacedName) -> None:
        last = self.stored[watch].pop(key, None)
        if last is not None:
            metadata = {**last["metadata"], "resourceVersion": str(self.version)}
            self.pending[watch].append(Remove({**last, "metadata": metadata}))

    def everything(self, watch: int) -> list[Delta]:
        found = self.stored[watch]
        self.pending[watch].clear()
        return [*map(Upsert, found.values()), Sweep(frozenset(found), str(self.version))]


def play(steps: list[Step]) -> tuple[Shared, Server]:
    scene, server = Shared(), Server()

    def hear(watch: int, deltas: list[Delta]) -> None:
        if watch == 2:
            scene.children(*deltas)
        else:
            scene.owners(watch, *deltas)

    for do, watch, name, child in steps:
        server.version += 1
        controller = watch % 2
        match do:
            case "own":
                server.put(controller, an_owner(controller, name, server.version))
            case "disown":
                server.drop(controller, NamespacedName("team", name))
            case "put":
                label = identity(controller, name) if watch < 2 else "applyset-of-a-stranger"
                server.put(2, a_role(child, server.version, label))
            case "drop":
                server.drop(2, NamespacedName("", child))
            case "hear":
                hear(watch, server.pending[watch][:1])
                del server.pending[watch][:1]
            case "list":
                hear(watch, server.everything(watch))
    for watch in range(3):
        hear(watch, server.pending[watch])
    return scene, server


@settings(max_examples=300, deadline=None, derandomize=True)
@given(STEPS)
def test_in_the_end_each_cache_holds_exactly_the_children_of_its_owners(steps: list[Step]) -> None:
    scene, server = play(steps)
    roles = server.stored[2].values()
    for controller in range(2):
        for key in server.stored[controller]:
            wanted = {
                each["metadata"]["name"]: each["metadata"]["resourceVersion"]
                for each in roles
                if each["metadata"]["labels"]["applyset.kubernetes.io/part-of"]
                == identity(controller, key.name)
            }
            assert scene.family(controller, key.name) == wanted
    # Nothing is kept twice, and nothing is lost.
    assert sum(scene.kept()) == len(roles)
