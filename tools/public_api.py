"""Print every public name with its signature, as tests/api.txt records it."""

import inspect
from collections.abc import Iterator
from importlib import import_module
from types import ModuleType
from typing import Final

import griffe

MODULES: Final = (
    "streamlit_persistauth",
    "streamlit_persistauth.caches.base",
    "streamlit_persistauth.stores.base",
    "streamlit_persistauth.stores.redis",
    "streamlit_persistauth.stores.sql",
    "streamlit_persistauth.testing",
)
"""The public modules."""


def main() -> None:
    """Print the public names."""
    print("\n".join(listing()))


def listing() -> list[str]:
    """Return a line for each public name, sorted within its module."""
    tree = griffe.load("streamlit_persistauth", resolve_aliases=True)
    lines = []
    for name in MODULES:
        module = import_module(name)
        lines.append(f"[{name}]")
        found = tree if name == tree.path else tree[name.removeprefix(f"{tree.path}.")]
        for member in sorted(_public(module)):
            lines += _describe(found[member], member)
        lines.append("")
    return lines[:-1]


def _public(module: ModuleType) -> list[str]:
    """Return the public names of a module: its `__all__`, or its classes and functions."""
    listed = getattr(module, "__all__", None)
    if listed is not None:
        return list(listed)
    return [
        name
        for name, value in vars(module).items()
        if not name.startswith("_")
        and (inspect.isclass(value) or inspect.isfunction(value))
        and value.__module__ == module.__name__
    ]


def _describe(thing: griffe.Object | griffe.Alias, name: str) -> Iterator[str]:
    """Return the line of an object and of its public members."""
    if thing.is_alias:
        thing = thing.final_target  # type: ignore[union-attr] # just asked
    if isinstance(thing, griffe.Class):
        bases = ", ".join(str(base) for base in thing.bases)
        yield f"class {name}({', '.join(parameters(thing))})" + (f": {bases}" if bases else "")
        for member, value in sorted(thing.members.items()):
            if not member.startswith(("_", "test_")) and not value.is_alias:
                yield from (f"    {line}" for line in _describe(value, member))
    elif isinstance(thing, griffe.Function):
        yield f"def {name}({', '.join(parameters(thing))}) -> {thing.returns}"
    elif isinstance(thing, griffe.Attribute):
        kind = f": {thing.annotation}" if thing.annotation else ""
        yield f"{name}{kind}"


def parameters(thing: griffe.Class | griffe.Function) -> list[str]:
    """Return the parameters as they are written, but for `self`, with a bare star among them."""
    given = [item for item in thing.parameters if item.name not in {"self", "cls"}]
    written = [
        f"{_STARS.get(item.kind, '')}{item.name}"
        + (f": {item.annotation}" if item.annotation else "")
        + (f" = {_default(item)}" if item.default is not None and item.kind not in _STARS else "")
        for item in given
    ]
    kinds = [item.kind for item in given]
    keyword = griffe.ParameterKind.keyword_only
    if keyword in kinds and griffe.ParameterKind.var_positional not in kinds:
        written.insert(kinds.index(keyword), "*")
    return written


def _default(item: griffe.Parameter) -> str:
    """Return a default as it is written; of a constant, its value."""
    if isinstance(item.default, griffe.ExprName) and item.default.name.isupper():
        constant = item.function.module[item.default.name]  # type: ignore[union-attr] # has one
        constant = constant.final_target if constant.is_alias else constant
        return str(constant.value)
    return str(item.default)


_STARS: Final = {
    griffe.ParameterKind.var_positional: "*",
    griffe.ParameterKind.var_keyword: "**",
}


if __name__ == "__main__":
    main()
