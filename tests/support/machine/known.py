"""The ids that clients have seen, by which parts of an app can be requested."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from tests.support.machine.browser import Task
from tests.support.raw import rerun


@dataclass(frozen=True)
class Piece:
    """Something that a client can ask for by an id.

    Attributes:
        kind: `fragment`, `button`, `field` or `file`.
        id: By which it is asked for.
        fragment: The fragment that it is part of, or nothing.
    """

    kind: str
    id: str
    fragment: str


class Known:
    """The pieces that any client has seen, by their names, old ones included."""

    def __init__(self) -> None:
        """Know nothing."""
        self._pieces: defaultdict[str, list[Piece]] = defaultdict(list)
        self._tasks: dict[str, Task] = {}

    def __contains__(self, name: str) -> bool:
        """Return whether a piece has been seen."""
        return name in self._pieces

    def learn(self, message: ForwardMsg) -> None:
        """Take in what the app sends."""
        if not message.HasField("delta") or not message.delta.HasField("new_element"):
            return
        fragment, element = message.delta.fragment_id, message.delta.new_element
        match element.WhichOneof("type"):
            case "text" if fragment:
                name = element.text.body.partition("-of-")[0]
                self._add(name, Piece("fragment", fragment, ""))
            case "button":
                self._add(element.button.label, Piece("button", element.button.id, fragment))
            case "text_input":
                field = element.text_input
                self._add(field.label, Piece("field", field.id, fragment))
            case "download_button":
                file = element.download_button
                self._add(file.label, Piece("file", file.deferred_file_id, fragment))

    def task(self, task: Task) -> Task:
        """Return the task of this id as it was seen first, on whichever page."""
        return self._tasks.setdefault(task.id, task)

    def messages(
        self, name: str, *, query: str, page: str, session: str, request: str
    ) -> Iterator[BackMsg]:
        """Yield the messages that ask for a piece, one for each id that it has had.

        Args:
            name: Of the piece.
            query: The query string of the page.
            page: The hash of the page.
            session: The Streamlit session to name where a message names one.
            request: A text that no other message has.
        """
        for piece in self._pieces.get(name, []):
            if piece.kind == "file":
                yield file_request(session, piece.id, request)
                continue
            message = rerun(query, fragment=piece.fragment, page_hash=page)
            run = message.rerun_script
            if piece.kind == "fragment":
                run.fragment_id = piece.id
                run.is_auto_rerun = name == "timer"
            elif piece.kind == "button":
                run.widget_states.widgets.append(WidgetState(id=piece.id, trigger_value=True))
            else:
                state = WidgetState(id=piece.id, string_value=request)
                run.widget_states.widgets.append(state)
            yield message

    def _add(self, name: str, piece: Piece) -> None:
        if piece not in self._pieces[name]:
            self._pieces[name].append(piece)


def file_request(session: str, file_id: str, request: str) -> BackMsg:
    """Return the message that asks for a deferred file."""
    message = BackMsg()
    operation = message.backend_operation_request
    operation.request_id, operation.session_id = request, session
    operation.deferred_file.file_id = file_id
    return message
