"""Names for lists that users of Go templates know from Sprig, with their meaning. Pure."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from katalog_runtime.expressions.values import text_key
from katalog_runtime.functions.conditional import is_empty
from katalog_runtime.functions.declaration import Function, FunctionError
from katalog_runtime.functions.json_values import bounded_items, same, text_of, to_json
from katalog_runtime.functions.signature import ANY_TYPE, declare

_declare = partial(declare, group="collections")


def _list(*items: Any) -> list[Any]:
    return list(items)


def _uniq(items: list[Any]) -> list[Any]:
    bounded_items(len(items))
    found: list[Any] = []
    alike: dict[str, list[Any]] = {}  # equal values have equal JSON, so only few need comparing
    for item in items:
        others = alike.setdefault(to_json(item), [])
        if not any(same(item, other) for other in others):
            others.append(item)
            found.append(item)
    return found


def _without(items: list[Any], *unwanted: Any) -> list[Any]:
    return [item for item in items if not any(same(item, other) for other in unwanted)]


def _has(wanted: Any, items: list[Any]) -> bool:
    return any(same(item, wanted) for item in items)


def _sort_alpha(items: list[Any]) -> list[str]:
    return sorted((text_of(item) for item in items if item is not None), key=text_key)


def _chunk(size: int, items: list[Any]) -> list[list[Any]]:
    if size < 1:
        raise FunctionError(f"the size {size} is less than 1")
    return [items[at : at + size] for at in range(0, len(items), size)]


_ITEMS: Final = {"spec": {"hosts": ["b", "a", "b"]}}
_H: Final = ".spec.hosts"

FUNCTIONS: Final[tuple[Function, ...]] = (
    _declare(
        "list items:any... -> list",
        "The arguments as a list.",
        _list,
        ('{{ list 1 "a" true }}', "[1 a true]"),
        on_nil='"[<nil>]"',
        on_wrong_type=ANY_TYPE,
    ),
    _declare(
        "tuple items:any... -> list",
        "Another name of `list`.",
        _list,
        ("{{ tuple 1 2 }}", "[1 2]"),
        on_nil='"[<nil>]"',
        on_wrong_type=ANY_TYPE,
    ),
    _declare(
        "first list:list? -> any",
        "The first item; nil of an empty list.",
        lambda items: items[0] if items else None,
        (f"{{{{ first {_H} }}}}", "b", _ITEMS),
        on_nil='""',
    ),
    _declare(
        "last list:list? -> any",
        "The last item; nil of an empty list.",
        lambda items: items[-1] if items else None,
        (f"{{{{ last {_H} }}}}", "b", _ITEMS),
        on_nil='""',
    ),
    _declare(
        "rest list:list? -> list",
        "All items but the first.",
        lambda items: items[1:],
        (f"{{{{ rest {_H} }}}}", "[a b]", _ITEMS),
        on_nil='"[]"',
    ),
    _declare(
        "initial list:list? -> list",
        "All items but the last.",
        lambda items: items[:-1],
        (f"{{{{ initial {_H} }}}}", "[b a]", _ITEMS),
        on_nil='"[]"',
    ),
    _declare(
        "append list:list? item:any -> list",
        "The list with one more item at its end.",
        lambda items, item: [*items, item],
        ("{{ append (list 1 2) 3 }}", "[1 2 3]"),
        on_nil='"[<nil>]"',
    ),
    _declare(
        "prepend list:list? item:any -> list",
        "The list with one more item before it.",
        lambda items, item: [item, *items],
        ("{{ prepend (list 1 2) 0 }}", "[0 1 2]"),
        on_nil='"[<nil>]"',
    ),
    _declare(
        "reverse list:list? -> list",
        "The items from the last to the first.",
        lambda items: items[::-1],
        ("{{ reverse (list 1 2 3) }}", "[3 2 1]"),
        on_nil='"[]"',
    ),
    _declare(
        "uniq list:list? -> list",
        "The list without items that came before.",
        _uniq,
        (f"{{{{ uniq {_H} }}}}", "[b a]", _ITEMS),
        on_nil='"[]"',
    ),
    _declare(
        "without list:list? items:any... -> list",
        "The list without these items.",
        _without,
        (f'{{{{ without {_H} "b" }}}}', "[a]", _ITEMS),
        on_nil='"[]"',
    ),
    _declare(
        "has item:any list:list? -> bool",
        "Whether the list holds the item; the item comes first.",
        _has,
        (f'{{{{ has "a" {_H} }}}}', "true", _ITEMS),
        on_nil='"false"',
    ),
    _declare(
        "compact list:list? -> list",
        "The list without its empty items.",
        lambda items: [item for item in items if not is_empty(item)],
        ('{{ compact (list 1 "" "a" false) }}', "[1 a]"),
        on_nil='"[]"',
    ),
    _declare(
        "sortAlpha list:list? -> list",
        "The items as texts, sorted.",
        _sort_alpha,
        (f"{{{{ sortAlpha {_H} }}}}", "[a b b]", _ITEMS),
        on_nil='"[]"',
    ),
    _declare(
        "toStrings list:list? -> list",
        "The items that are not nil as texts.",
        lambda items: [text_of(item) for item in items if item is not None],
        ('{{ join (toStrings (list 1 2)) "-" }}', "1-2"),
        on_nil='"[]"',
    ),
    _declare(
        "chunk size:int? list:list? -> list",
        "The list in lists of that size.",
        _chunk,
        ("{{ chunk 2 (list 1 2 3) }}", "[[1 2] [3]]"),
    ),
    _declare(
        "all values:any... -> bool",
        "Whether none of the values is empty.",
        lambda *values: not any(map(is_empty, values)),
        ('{{ all 1 "a" true }}', "true"),
        on_nil='"false"',
        on_wrong_type=ANY_TYPE,
    ),
    _declare(
        "any values:any... -> bool",
        "Whether one of the values is not empty.",
        lambda *values: not all(map(is_empty, values)),
        ('{{ any 0 "" true }}', "true"),
        on_nil='"false"',
        on_wrong_type=ANY_TYPE,
    ),
)
