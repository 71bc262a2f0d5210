"""The parts of the reference that describe public classes and functions."""

from collections.abc import Iterator
from importlib import import_module
from typing import Final

import griffe
from reference_markdown import (
    PACKAGE,
    anchor,
    cell,
    describe_all,
    describe_class,
    describe_members,
    flat,
    load,
    public_members,
    sections,
    summary,
)

PROTOCOLS: Final = ("Store", "Log")
"""The ends of the names of what a store implements."""
ALIASES: Final = ("Location", "Texts", "MaxAge", "Pages", "PlaceOf", "Scope", "HasEngine")


def authenticator() -> str:
    """Return the class that apps use, after a table of its members."""
    thing = load("Authenticator")
    assert isinstance(thing, griffe.Class)  # noqa: S101 - it is one
    return "\n\n".join([*describe_class(thing, 2, members=False), *_members(thing, 3)])


def users() -> str:
    """Return the members of `auth.users`; the page itself says what they have in common."""
    return "\n\n".join(_members(load("users.Users"), 2))


def _members(thing: griffe.Object, level: int) -> Iterator[str]:
    """Describe the members of a class below headings of a level, after a table of them."""
    members = list(public_members(thing))
    rows = [
        f"| [`{member.name}`](#{anchor(f'{thing.name}.{member.name}')}) | {summary(member)} |"
        for member in members
    ]
    yield "\n".join(["| member | |", "|---|---|", *rows])
    yield from describe_members(members, level, thing)


def values() -> str:
    """Return what public calls take and return."""
    names = (
        "User",
        "UserList",
        "AccountLink",
        "Session",
        "LoginResult",
        "Credential",
        "Stats",
        "TokenCounts",
        "AuthSettings",
    )
    return describe_all(names, 3)


def aliases() -> str:
    """Return a table of the types that the signatures abbreviate."""
    rows = []
    for name in ALIASES:
        thing = load(f"authenticator.{name}")
        means = f"`{thing.value}`" if isinstance(thing, griffe.Attribute) else "a protocol"
        rows.append(f"| `{name}` | {cell(means)} | {summary(thing)} |")
    return "\n".join(["| name | type | |", "|---|---|---|", *rows])


def mailers() -> str:
    """Return what sends mail."""
    return describe_all(("SMTPMailer", "ConsoleMailer"), 3, members=False)


def sql_stores() -> str:
    """Return the stores in databases."""
    return describe_all(_listed("stores.sql"), 3, members=False)


def redis_stores() -> str:
    """Return the store in Redis."""
    return describe_all(_listed("stores.redis"), 3, members=False)


def test_helpers() -> str:
    """Return what tests of an app import."""
    return describe_all(("testing.signed_in", "testing.widget_key"), 3)


def store_protocols() -> str:
    """Return what a store implements."""
    return describe_all([name for name in _listed("stores.base") if name.endswith(PROTOCOLS)], 3)


def store_records() -> str:
    """Return what the methods of stores take and return."""
    records = [name for name in _listed("stores.base") if not name.endswith(PROTOCOLS)]
    return describe_all(records, 3)


def cache_protocols() -> str:
    """Return what a cache implements, and what its methods take and return."""
    names = ("CacheBackend", "CacheCapabilities", "PresentedCredential", "CredentialIssuer")
    described = describe_all([f"caches.base.{name}" for name in (*names, "PageTask")], 3)
    return f"{described}\n\n{describe_all(['caches.base.RequestContext'], 3, members=False)}"


def suites() -> str:
    """Return a table of the test suites, with the fixtures that a subclass has to provide."""
    names = [name for name in _listed("testing") if name.endswith("Suite")]
    rows = [f"| `{name.rpartition('.')[2]}` | {summary(load(name))} |" for name in names]
    return "\n".join(["| suite | tests |", "|---|---|", *rows])


def errors() -> str:
    """Return the tree of the errors, and a table of them."""
    classes = [
        thing for thing in load("errors").members.values() if isinstance(thing, griffe.Class)
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
    code = str(_attribute(thing, "code").value).strip("'\"")
    text = [section.value for section in sections(thing) if section.kind.value == "text"]
    attributes = [
        f"`{item.name}`: {flat(item.description)}"
        for section in sections(thing)
        if section.kind.value == "attributes"
        for item in section.value
        if thing.name == "AuthError" or item.name not in {"code", "message"}
    ]
    cells = (f"`{thing.name}`", f"`{code}`", flat(" ".join(text)), " ".join(attributes))
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _attribute(thing: griffe.Class, name: str) -> griffe.Attribute:
    found = thing.members[name]
    assert isinstance(found, griffe.Attribute)  # noqa: S101 - every error defines it
    return found


def _listed(module: str) -> list[str]:
    """Return the public names of a module, as paths within the package."""
    return [f"{module}.{name}" for name in import_module(f"{PACKAGE}.{module}").__all__]
