"""The signature of a guarded endpoint, by which FastAPI passes the request or its user."""

import inspect
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Any, Final, cast, get_args, get_origin

from starlette.requests import HTTPConnection, Request
from starlette.websockets import WebSocket

from streamlit_persistauth.models import User

CONNECTION: Final = "persistauth_connection"
"""The parameter by which FastAPI passes the request to an endpoint that does not take it itself."""
ADMISSION: Final = "persistauth_admission"
"""How the parameter begins by which FastAPI passes the user to a generator function."""
Admit = Callable[[HTTPConnection], User]


class Kind(Enum):
    """How an endpoint is called."""

    FUNCTION = "function"
    COROUTINE = "coroutine"
    GENERATOR = "generator"


@dataclass(frozen=True, slots=True)
class EndpointSignature:
    """How a guarded function is called as an endpoint.

    Attributes:
        signature: The signature that FastAPI reads; None for a function without one.
        admission: The parameter by which FastAPI passes the user; empty if there is none.
        takes_connection: Whether the function has the parameter `CONNECTION`, of another guard.
    """

    signature: inspect.Signature | None
    admission: str
    takes_connection: bool

    @classmethod
    def of(cls, function: Callable[..., Any], admit: Admit) -> "EndpointSignature":
        """Return the signature of a guarded function.

        The parameter `user` is left out, because FastAPI would read it from the body.

        FastAPI calls a generator function on the event loop, and sends the status of the response
        before it runs the generator. So a dependency admits the request, which FastAPI runs before
        on another thread. Other functions get the request.

        Args:
            function: The function.
            admit: Returns the user of a request, or raises an exception. Blocks.
        """
        try:
            signature = inspect.signature(function)
        except ValueError:  # a function of a C extension may have none
            return cls(None, admission="", takes_connection=False)
        there = signature.parameters
        dependency = _dependency(admit) if kind_of(function) is Kind.GENERATOR else None
        added: list[inspect.Parameter] = []
        admission = ""
        if dependency is not None:
            admission = f"{ADMISSION}_{sum(name.startswith(ADMISSION) for name in there)}"
            added = [_keyword(admission, default=dependency)]
        elif not _takes_connection(function, there):
            added = [_keyword(CONNECTION, annotation=HTTPConnection)]
        kept = [item for item in there.values() if item.name != "user"]
        return cls(
            signature.replace(parameters=sorted([*kept, *added], key=lambda item: item.kind)),
            admission=admission,
            takes_connection=CONNECTION in there,
        )


def kind_of(function: Callable[..., Any]) -> Kind:
    """Return how FastAPI calls a function. It streams a decorated generator function, too."""
    if _is(function, inspect.iscoroutinefunction):
        return Kind.COROUTINE
    called = inspect.unwrap(function)
    if _is(called, inspect.isgeneratorfunction) or _is(called, inspect.isasyncgenfunction):
        return Kind.GENERATOR
    return Kind.FUNCTION


def _is(function: Callable[..., Any], is_kind: Callable[[object], bool]) -> bool:
    """Return whether a function, or the method that calls another object, is of a kind."""
    return is_kind(function) or is_kind(type(function).__call__)


def _keyword(name: str, **options: Any) -> inspect.Parameter:  # noqa: ANN401 - of a parameter
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, **options)


def _dependency(admit: Admit) -> object | None:
    """Return a dependency of FastAPI that admits a request; None if FastAPI is not installed."""
    try:
        from fastapi import Depends
    except ImportError:
        return None

    def admitted(connection: HTTPConnection) -> User:
        return admit(connection)

    return cast("object", Depends(admitted))


def _takes_connection(
    function: Callable[..., Any], parameters: Mapping[str, inspect.Parameter]
) -> bool:
    """Return whether FastAPI passes the request as an `HTTPConnection`, by one parameter only."""
    names = getattr(inspect.unwrap(function), "__globals__", {})
    return any(_is_connection(item.annotation, names) for item in parameters.values())


def _is_connection(annotation: object, names: Mapping[str, object]) -> bool:
    """Return whether an annotation is `HTTPConnection`; `names` are those in one that is a text."""
    if isinstance(annotation, str):
        with suppress(Exception):  # FastAPI reports what it can't read
            annotation = eval(annotation, dict(names))  # noqa: S307 - of the app's own code
    if get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    return (
        isinstance(annotation, type)
        and issubclass(annotation, HTTPConnection)
        and not issubclass(annotation, (Request, WebSocket))
    )
