"""Markdown of classes and functions, from their signatures and docstrings."""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from textwrap import dedent
from typing import Final

import griffe
from public_api import parameters

PACKAGE: Final = "streamlit_persistauth"
WIDTH: Final = 90
RECORD_BASES: Final = {"Enum", "NamedTuple", "TypedDict"}


@cache
def _package() -> griffe.Module:
    loaded = griffe.load(PACKAGE, resolve_aliases=True, docstring_parser="google")
    assert isinstance(loaded, griffe.Module)  # noqa: S101 - a package is one
    return loaded


def load(path: str) -> griffe.Object:
    """Return what a dotted path within the package means, not the alias that it may be."""
    thing = _package()[path]
    return thing.final_target if isinstance(thing, griffe.Alias) else thing


def describe_all(paths: Iterable[str], level: int, *, members: bool = True) -> str:
    """Return a section of this level for each of these paths within the package."""
    return "\n\n".join(
        block for path in paths for block in _thing(load(path), level, members=members) if block
    )


def _thing(thing: griffe.Object, level: int, *, members: bool = True) -> Iterator[str]:
    if isinstance(thing, griffe.Class):
        yield from describe_class(thing, level, members=members)
    else:
        yield from describe_members([thing], level, None)


def describe_class(thing: griffe.Class, level: int, *, members: bool = True) -> Iterator[str]:
    """Render a class: heading, docstring, fields or constructor, and its members."""
    yield f"{'#' * level} {thing.name}"
    parts = sections(thing)
    yield from _docstring(parts, thing)
    if _is_record(thing):
        if not any(section.kind.value == "attributes" for section in parts):
            yield _fields(thing)
    elif "Protocol" not in map(str, thing.bases):
        yield from _constructor(thing)
    if members:
        is_record = _is_record(thing)
        shown = [item for item in public_members(thing) if not is_record or not _is_field(item)]
        yield from describe_members(shown, level + 1, thing)


def _constructor(thing: griffe.Class) -> Iterator[str]:
    """Render the signature, and what the docstring of `__init__` has but its summary."""
    made = thing.members.get("__init__")
    if isinstance(made, griffe.Function):
        yield _signature(thing.name, parameters(made), "")
        yield from _docstring(
            [section for section in sections(made) if section.kind.value != "text"], made
        )


def describe_members(
    members: Iterable[griffe.Object], level: int, owner: griffe.Object | None
) -> Iterator[str]:
    """Render functions, methods and properties."""
    for member in members:
        yield f"{'#' * level} {f'{owner.name}.' if owner else ''}{member.name}"
        if isinstance(member, griffe.Function):
            yield _signature(member.name, parameters(member), f" -> {member.returns}")
        elif isinstance(member, griffe.Attribute) and member.annotation:
            yield f"```py\n{member.name}: {member.annotation}\n```"
        yield from _docstring(sections(member), member)


def public_members(thing: griffe.Object) -> Iterator[griffe.Object]:
    """Return the public members that have a docstring, in the order of the source."""
    for name, member in thing.members.items():
        if not name.startswith("_") and not member.is_alias and member.docstring:
            yield member  # type: ignore[misc] # no alias


def _signature(name: str, parts: list[str], returns: str) -> str:
    line = f"{name}({', '.join(parts)}){returns}"
    if len(line) > WIDTH:
        inner = "".join(f"    {part},\n" for part in parts)
        line = f"{name}(\n{inner}){returns}"
    return f"```py\n{line}\n```"


def _fields(thing: griffe.Object) -> str:
    """Return the fields of a record without a section on its attributes: an enum, a dictionary."""
    fields = [item for item in thing.members.values() if isinstance(item, griffe.Attribute)]
    if _is_enum(thing):
        rows = [f"| `{item.name}` | {summary(item)} |" for item in fields]
        return "\n".join(["| member | |", "|---|---|", *rows])
    return "\n".join(f"- `{item.name}: {item.annotation}`" for item in fields)


def _is_enum(thing: griffe.Object) -> bool:
    return isinstance(thing, griffe.Class) and "Enum" in map(str, thing.bases)


def _is_record(thing: griffe.Class) -> bool:
    return "dataclass" in thing.labels or not RECORD_BASES.isdisjoint(map(str, thing.bases))


def _is_field(thing: griffe.Object) -> bool:
    return thing.is_attribute and "property" not in thing.labels


def sections(thing: griffe.Object) -> list[griffe.DocstringSection]:
    """Return the parsed docstring; empty without one."""
    return thing.docstring.parsed if thing.docstring else []


def summary(thing: griffe.Object) -> str:
    """Return the first paragraph of a docstring, fit for a cell."""
    text = thing.docstring.value.partition("\n\n")[0] if thing.docstring else ""
    return flat(text).replace("|", "\\|")


def _docstring(parts: Iterable[griffe.DocstringSection], thing: griffe.Object) -> Iterator[str]:
    for section in parts:
        kind = section.kind.value
        if kind == "text":
            yield from _paragraphs(section.value)
        elif kind == "parameters":
            yield _items("Arguments", section.value)
        elif kind == "raises":
            yield "Raises:\n\n" + "\n".join(
                f"- `{item.annotation}`: {flat(item.description)}" for item in section.value
            )
        elif kind == "returns":
            yield "Returns: " + " ".join(flat(item.description) for item in section.value)
        elif kind == "attributes":
            yield _attributes(section.value)
        elif kind == "admonition":
            yield f"{section.value.kind.capitalize()}: {flat(section.value.contents)}"
        else:
            raise ValueError(f"{thing.path}: there is no rule for the section {kind}")


def _items(title: str, items: Iterable[griffe.DocstringParameter]) -> str:
    rows = [f"- `{item.name}`: {flat(item.description)}" for item in items]
    return f"{title}:\n\n" + "\n".join(rows)


def _attributes(items: Iterable[griffe.DocstringAttribute]) -> str:
    rows = [
        f"| `{item.name}` | {_type(item.annotation)} | {cell(item.description)} |" for item in items
    ]
    return "\n".join(["| attribute | type | |", "|---|---|---|", *rows])


def _type(annotation: str | griffe.Expr | None) -> str:
    return f"`{annotation}`".replace("|", "\\|") if annotation else ""


def cell(text: str) -> str:
    """Return a text on one line, fit for a cell of a table."""
    return flat(text).replace("|", "\\|")


def _paragraphs(text: str) -> Iterator[str]:
    """Return paragraphs on one line each, and indented blocks as Python."""
    for block in text.strip("\n").split("\n\n"):
        if block.startswith("    "):
            yield f"```py\n{dedent(block)}\n```"
        else:
            yield re.sub("::$", ":", flat(block))


def flat(text: str) -> str:
    """Return a text on one line."""
    return " ".join(text.split())


def anchor(heading: str) -> str:
    """Return the anchor that GitHub and MkDocs give a heading of one word."""
    return re.sub(r"[^\w-]", "", heading.lower())
