"""The table: every declared function is in it, once, and only what is called gets loaded."""

from __future__ import annotations

import pkgutil
import subprocess
import sys
from collections import Counter
from importlib import import_module

import katalog_runtime.functions as package
from katalog_runtime.functions import TABLE
from katalog_runtime.functions.index import MODULE_OF


def test_the_index_names_exactly_what_the_modules_declare_in_order() -> None:
    declared = []
    for module in dict.fromkeys(MODULE_OF.values()):
        functions = import_module(f"{package.__name__}.{module}").FUNCTIONS
        declared += [(each.name, module) for each in functions]
    assert declared == list(MODULE_OF.items())


def test_no_module_with_functions_is_left_out() -> None:
    modules = [each.name for each in pkgutil.iter_modules(package.__path__)]
    with_functions = {
        name
        for name in modules
        if hasattr(import_module(f"{package.__name__}.{name}"), "FUNCTIONS")
    }
    assert with_functions == set(MODULE_OF.values())


def test_no_two_functions_have_one_name() -> None:
    names = Counter(
        each.name
        for module in set(MODULE_OF.values())
        for each in import_module(f"{package.__name__}.{module}").FUNCTIONS
    )
    assert [name for name, count in names.items() if count > 1] == []


def test_every_name_of_the_table_leads_to_its_function() -> None:
    assert [each.name for each in TABLE.values()] == list(TABLE) == list(MODULE_OF)
    assert len(TABLE) == len(MODULE_OF)
    assert "noSuchFunction" not in TABLE


def test_calling_one_function_loads_no_other_module() -> None:
    script = (
        "import sys\n"
        "from katalog_runtime.functions import TABLE\n"
        "TABLE['toLower']\n"
        "print(*(name for name in sys.modules if name.startswith('katalog_runtime.functions.')))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    loaded = {name.rpartition(".")[2] for name in done.stdout.split()}
    assert loaded & set(MODULE_OF.values()) == {MODULE_OF["toLower"]}
