"""The signs that the text of an exception reaches a client, and the reasons for silence."""

from __future__ import annotations

import ast

from holdfast.code.words import words, wordset
from holdfast.record import Record
from holdfast.rule import HARD, SOFT, STRUCTURE, WORDS, Sign, Silencer
from holdfast.rules.no_exception_text_in_response import answers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from holdfast.code.source import Source
    from holdfast.rules.no_exception_text_in_response.texts import Text

DEVELOPMENT = wordset("debug dev development local")


class Exposure(Record):
    """An answer that sends the text of an exception."""

    source: Source
    answer: ast.Call | ast.Return
    text: Text


def is_error_handler(exposure: Exposure) -> bool:
    """Return whether a function that handles every exception answers with its text."""
    return not isinstance(exposure.text.handler, ast.ExceptHandler)


def is_server_error(exposure: Exposure) -> bool:
    """Return whether the status of the answer is 500 or above."""
    answer = exposure.answer
    node = answer.value if isinstance(answer, ast.Return) else answer
    return isinstance(node, ast.Call | ast.Tuple) and answers.status(node) in answers.SERVER_ERRORS


def is_broad_answer(exposure: Exposure) -> bool:
    """Return whether a framework's response has the text of any exception."""
    return exposure.text.is_broad and answers.is_of_framework(exposure.source, exposure.answer)


def is_route_result(exposure: Exposure) -> bool:
    """Return whether a route returns the text of any exception as data."""
    function = exposure.source.function(exposure.answer)
    return exposure.text.is_broad and isinstance(exposure.answer, ast.Return) and answers.is_route(exposure.source, function)


def is_own_answer(exposure: Exposure) -> bool:
    """Return whether a call of the project's own that is named for an answer has the text of any exception."""
    answer = exposure.answer
    if isinstance(answer, ast.Return):
        return exposure.text.is_broad and isinstance(answer.value, ast.Tuple)
    return exposure.text.is_broad


def is_narrowed(exposure: Exposure) -> bool:
    """Return whether the text is used only for one class of exceptions: `if isinstance(e, Known)`."""
    return exposure.text.is_broad and any(
        isinstance(part, ast.Call) and answers.called(part) in ("isinstance", "issubclass")
        for test in _tests(exposure)
        for part in ast.walk(test)
    )


def is_for_development(exposure: Exposure) -> bool:
    """Return whether the text is sent only where a debugging switch is on, or after `if not settings.DEBUG: raise`."""
    return any(_mentions_development(test) for test in _tests(exposure)) or any(map(_mentions_development, _raised(exposure)))


def _tests(exposure: Exposure) -> Iterator[ast.expr]:
    """Yield the conditions around the text and around the answer, up to the handler."""
    for node in (exposure.text.node, exposure.answer):
        for above in exposure.source.ancestors(node):
            if above is exposure.text.handler:
                break
            if isinstance(above, ast.If | ast.IfExp):
                yield above.test


def _raised(exposure: Exposure) -> Iterator[ast.expr]:
    """Yield the conditions under which the handler raises before it answers."""
    for statement in exposure.text.handler.body:
        if isinstance(statement, ast.If) and any(isinstance(part, ast.Raise) for part in statement.body):
            yield statement.test


def _mentions_development(test: ast.expr) -> bool:
    spoken = [getattr(part, "id", None) or getattr(part, "attr", None) or getattr(part, "value", None) for part in ast.walk(test)]
    return any(isinstance(name, str) and DEVELOPMENT & set(words(name)) for name in spoken)


def is_dropped(exposure: Exposure) -> bool:
    """Return whether the answer is built and dropped, as an exception that is not raised."""
    above = exposure.source.parent(exposure.answer)
    return isinstance(above, ast.Expr) and answers.called(exposure.answer)[:1].isupper()  # type: ignore[arg-type]


def is_of_client(exposure: Exposure) -> bool:
    """Return whether the response is one that a client received."""
    return answers.is_of_client(exposure.source, exposure.answer)


def is_outside_web(exposure: Exposure) -> bool:
    """Return whether neither the file nor the function serves the web."""
    source = exposure.source
    return not (answers.is_of_web(source) or answers.is_route(source, source.function(exposure.answer)))


SIGNS = (
    Sign("error-handler", HARD, "a handler of every exception answers with its text", is_error_handler),
    Sign("server-error", SOFT, "an answer with a status of 500 or above has the text of an exception", is_server_error),
    Sign("framework-answer", HARD, "a response of the framework has the text of any exception", is_broad_answer),
    Sign("route-result", HARD, "a route returns the text of any exception", is_route_result),
    Sign("own-answer", SOFT, "a response of the project has the text of any exception", is_own_answer),
)
SILENCERS = (
    Silencer("narrowed", STRUCTURE, "the text is used only for known classes of exceptions", is_narrowed),
    Silencer("development", STRUCTURE, "the text is sent only while debugging", is_for_development),
    Silencer("dropped", STRUCTURE, "the answer is built and not sent", is_dropped),
    Silencer("client", STRUCTURE, "the response is one that a client of HTTP receives", is_of_client),
    Silencer("outside-web", WORDS, "neither the file nor the function serves the web", is_outside_web),
)
