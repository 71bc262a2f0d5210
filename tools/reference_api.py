"""Markdown of public classes and functions, from their signatures and docstrings."""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import import_module
from textwrap import dedent
from typing import Final

import griffe
from public_api import parameters

PACKAGE: Final = "streamlit_persistauth"
WIDTH: Final = 90
RECORD_BASES: Final = {"Enum", "NamedTuple", "TypedDict"}
ALIASES: Final = ("Location", "Texts", "MaxAge", "Pages", "PlaceOf", "Scope", "HasEngine")


def authenticator() -> str:
    """Return the class that apps use, after a table of its members."""
    thing = _load("Authenticator")
    assert isinstance(thing, griffe.Class)  # noqa: S101 - it is one
    members = list(_members(thing))
    rows = [
        f"| [`{member.name}`](#{_anchor(f'Authenticator.{member.name}')}) | {_summary(member)} |"
        for member in members
    ]
    table = "\n".join(["| member | |", "|---|---|", *rows])
    return "\n\n".join([*_class(thing, 2, members=False), table, *_described(members, 3, thing)])


def values() -> str:
    """Return what public calls take and return."""
    names = ("User", "Session", "LoginResult", "Credential", "Stats", "TokenCounts", "AuthSettings")
    return _all(names, 3)


def aliases() -> str:
    """Return a table of the types that the signatures abbreviate."""
    rows = []
    for name in ALIASES:
        thing = _load(f"authenticator.{name}")
        means = f"`{thing.value}`" if isinstance(thing, griffe.Attribute) else "a protocol"
        rows.append(f"| `{name}` | {_cell(means)} | {_summary(thing)} |")
    return "\n".join(["| name | type | |", "|---|---|---|", *rows])


def mailers() -> str:
    """Return what sends mail."""
    return _all(("SMTPMailer", "ConsoleMailer"), 3, members=False)


def sql_stores() -> str:
    """Return the stores in databases."""
    return _all(_listed("stores.sql"), 3, members=False)


def redis_stores() -> str:
    """Return the store in Redis."""
    return _all(_listed("stores.redis"), 3, members=False)


def test_helpers() -> str:
    """Return what tests of an app import."""
    return _all(("testing.signed_in", "testing.widget_key"), 3)


def store_protocols() -> str:
    """Return what a store implements."""
    return _all([name for name in _listed("stores.base") if name.endswith("Store")], 3)


def store_records() -> str:
    """Return what the methods of stores take and return."""
    return _all([name for name in _listed("stores.base") if not name.endswith("Store")], 3)


def cache_protocols() -> str:
    """Return what a cache implements, and what its methods take and return."""
    names = ("CacheBackend", "CacheCapabilities", "PresentedCredential", "CredentialIssuer")
    described = _all([f"caches.base.{name}" for name in (*names, "PageTask")], 3)
    return f"{described}\n\n{_all(['caches.base.RequestContext'], 3, members=False)}"


def suites() -> str:
    """Return a table of the test suites, with the fixtures that a subclass has to provide."""
    names = [name for name in _listed("testing") if name.endswith("Suite")]
    rows = [f"| `{name.rpartition('.')[2]}` | {_summary(_load(name))} |" for name in names]
    return "\n".join(["| suite | tests |", "|---|---|", *rows])


def errors() -> str:
    """Return the tree of the errors, and a table of them."""
    classes = [
        thing for thing in _load("errors").members.values() if isinstance(thing, griffe.Class)
    ]
    tree = "\n".join(["AuthError", *_tree("AuthError", classes)])
    rows = [_error_row(thing) for thing in classes]
    table = "\n".join(["| error | `code` | meaning | attributes |", "|---|---|---|---|", *rows])
    return f"```text\n{tree}\n```\n\n{table}"


def _tree(base: str, classes: list[griffe.Class], indent: str = "") -> Iterator[str]:
    """Draw the subclasses of an error, one a line."""
    found = [thing for thing in classes if base in map(str, thing.bases)]
    for thing in found:
        is_last = thing is found[-1]
        yield f"{indent}{'└──' if is_last else '├──'} {thing.name}"
        yield from _tree(thing.name, classes, indent + ("    " if is_last else "│   "))


def _error_row(thing: griffe.Class) -> str:
    code = str(thing.members["code"].value).strip("'\"")
    text = [section.value for section in _sections(thing) if section.kind.value == "text"]
    attributes = [
        f"`{item.name}`: {_flat(item.description)}"
        for section in _sections(thing)
        if section.kind.value == "attributes"
        for item in section.value
        if thing.name == "AuthError" or item.name not in {"code", "message"}
    ]
    cells = (f"`{thing.name}`", f"`{code}`", _flat(" ".join(text)), " ".join(attributes))
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


@cache
def _package() -> griffe.Module:
    loaded = griffe.load(PACKAGE, resolve_aliases=True, docstring_parser="google")
    assert isinstance(loaded, griffe.Module)  # noqa: S101 - a package is one
    return loaded


def _load(path: str) -> griffe.Object:
    """Return what a dotted path within the package means, not the alias that it may be."""
    thing = _package()[path]
    return thing.final_target if isinstance(thing, griffe.Alias) else thing


def _listed(module: str) -> list[str]:
    """Return the public names of a module, as paths within the package."""
    return [f"{module}.{name}" for name in import_module(f"{PACKAGE}.{module}").__all__]


def _all(paths: Iterable[str], level: int, *, members: bool = True) -> str:
    return "\n\n".join(
        block for path in paths for block in _thing(_load(path), level, members=members) if block
    )


def _thing(thing: griffe.Object, level: int, *, members: bool = True) -> Iterator[str]:
    if isinstance(thing, griffe.Class):
        yield from _class(thing, level, members=members)
    else:
        yield from _described([thing], level, None)


def _class(thing: griffe.Class, level: int, *, members: bool = True) -> Iterator[str]:
    """Render a class: heading, docstring, fields or constructor, and its members."""
    yield f"{'#' * level} {thing.name}"
    sections = _sections(thing)
    yield from _docstring(sections, thing)
    if _is_record(thing):
        if not any(section.kind.value == "attributes" for section in sections):
            yield _fields(thing)
    elif "Protocol" not in map(str, thing.bases):
        yield from _constructor(thing)
    if members:
        is_record = _is_record(thing)
        shown = [item for item in _members(thing) if not is_record or not _is_field(item)]
        yield from _described(shown, level + 1, thing)


def _constructor(thing: griffe.Class) -> Iterator[str]:
    """Render the signature, and what the docstring of `__init__` has but its summary."""
    made = thing.members.get("__init__")
    if isinstance(made, griffe.Function):
        yield _signature(thing.name, parameters(made), "")
        yield from _docstring(
            [section for section in _sections(made) if section.kind.value != "text"], made
        )


def _described(
    members: Iterable[griffe.Object], level: int, owner: griffe.Object | None
) -> Iterator[str]:
    """Render functions, methods and properties."""
    for member in members:
        yield f"{'#' * level} {f'{owner.name}.' if owner else ''}{member.name}"
        if isinstance(member, griffe.Function):
            yield _signature(member.name, parameters(member), f" -> {member.returns}")
        elif isinstance(member, griffe.Attribute) and member.annotation:
            yield f"```py\n{member.name}: {member.annotation}\n```"
        yield from _docstring(_sections(member), member)


def _members(thing: griffe.Object) -> Iterator[griffe.Object]:
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
        rows = [f"| `{item.name}` | {_summary(item)} |" for item in fields]
        return "\n".join(["| member | |", "|---|---|", *rows])
    return "\n".join(f"- `{item.name}: {item.annotation}`" for item in fields)


def _is_enum(thing: griffe.Object) -> bool:
    return isinstance(thing, griffe.Class) and "Enum" in map(str, thing.bases)


def _is_record(thing: griffe.Class) -> bool:
    return "dataclass" in thing.labels or not RECORD_BASES.isdisjoint(map(str, thing.bases))


def _is_field(thing: griffe.Object) -> bool:
    return thing.is_attribute and "property" not in thing.labels


def _sections(thing: griffe.Object) -> list[griffe.DocstringSection]:
    return thing.docstring.parsed if thing.docstring else []


def _summary(thing: griffe.Object) -> str:
    """Return the first paragraph of a docstring, fit for a cell."""
    text = thing.docstring.value.partition("\n\n")[0] if thing.docstring else ""
    return _flat(text).replace("|", "\\|")


def _docstring(sections: Iterable[griffe.DocstringSection], thing: griffe.Object) -> Iterator[str]:
    for section in sections:
        kind = section.kind.value
        if kind == "text":
            yield from _paragraphs(section.value)
        elif kind == "parameters":
            yield _items("Arguments", section.value)
        elif kind == "raises":
            yield "Raises:\n\n" + "\n".join(
                f"- `{item.annotation}`: {_flat(item.description)}" for item in section.value
            )
        elif kind == "returns":
            yield "Returns: " + " ".join(_flat(item.description) for item in section.value)
        elif kind == "attributes":
            yield _attributes(section.value)
        else:
            raise ValueError(f"{thing.path}: there is no rule for the section {kind}")


def _items(title: str, items: Iterable[griffe.DocstringParameter]) -> str:
    rows = [f"- `{item.name}`: {_flat(item.description)}" for item in items]
    return f"{title}:\n\n" + "\n".join(rows)


def _attributes(items: Iterable[griffe.DocstringAttribute]) -> str:
    rows = [
        f"| `{item.name}` | {_type(item.annotation)} | {_cell(item.description)} |"
        for item in items
    ]
    return "\n".join(["| attribute | type | |", "|---|---|---|", *rows])


def _type(annotation: str | griffe.Expr | None) -> str:
    return f"`{annotation}`".replace("|", "\\|") if annotation else ""


def _cell(text: str) -> str:
    return _flat(text).replace("|", "\\|")


def _paragraphs(text: str) -> Iterator[str]:
    """Return paragraphs on one line each, and indented blocks as Python."""
    for block in text.strip("\n").split("\n\n"):
        if block.startswith("    "):
            yield f"```py\n{dedent(block)}\n```"
        else:
            yield re.sub("::$", ":", _flat(block))


def _flat(text: str) -> str:
    return " ".join(text.split())


def _anchor(heading: str) -> str:
    return re.sub(r"[^\w-]", "", heading.lower())
