"""Start-up kept short: a package's names are imported when they are asked for, and much is imported without collections.

Takes   the name of the package, and which of its modules gives which names.
Gives   what the package keeps as its `__getattr__` (PEP 562); `importing`, to be held round imports.
Writes  nothing.

A crawl that finds nothing new, and `status`, want few of a room's names, and nearly all of their time is imports.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module


def names_of(package: str, modules: Mapping[str, str]) -> Callable[[str], object]:
    """Give a `__getattr__` for a package.

    modules: module of the package -> the names it gives, parted by blanks. What is given raises AttributeError for a name that is
    none of them.
    """
    lies_in = {name: module for module, names in modules.items() for name in names.split()}

    def found(name: str) -> object:
        if name not in lies_in:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value: object = getattr(import_module(f".{lies_in[name]}", package), name)
        setattr(sys.modules[package], name, value)  # asked for once only
        return value

    return found


@contextmanager
def importing() -> Iterator[None]:
    """Let no garbage be looked for while modules are imported: 15 of 100,000 objects are any, and it took a tenth of the time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
