"""Reports responses that contain the text of an unexpected exception, or a traceback.

The text is followed through local names, f-strings, dicts and `json.dumps`.

## Why is this bad?

The text of an exception is written for developers. It contains SQL and connection strings, paths on the server, addresses of
internal services, and parts of other people's data. An attacker provokes errors to read it. A handler of `Exception` catches errors
that the author did not expect, so nobody has decided that their text may be public.

## Example

```python bad
from fastapi import FastAPI, HTTPException

app = FastAPI()


@app.get("/orders/{number}")
def order(number: int):
    try:
        return load(number)
    except Exception as error:
        raise HTTPException(status_code=500, detail=str(error))
```

Use instead:

```python good
import logging

from fastapi import FastAPI, HTTPException

app = FastAPI()
logger = logging.getLogger(__name__)


@app.get("/orders/{number}")
def order(number: int):
    try:
        return load(number)
    except Exception:
        logger.exception("Cannot load order %s", number)
        raise HTTPException(status_code=500, detail="The order cannot be loaded")
```

## What it reports

The text is `str(e)`, `repr(e)`, an f-string, `%`, `format`, `e.args` or a traceback. Reported are:

- A response of a web framework with the text of any exception: `except Exception`, `except BaseException` or a bare `except`.
- A response with a status of 500 or above and the text of an exception of any class.
- A dict or a tuple with a status that a route returns, with the text of any exception.
- A response of the project's own (`error_response(str(e))`, `self._error("...", 500, detail=str(e))`), in files that serve the web.
- A handler that is registered for every exception and answers with its text.

## What it leaves alone

- Exceptions of a certain class with a status below 500: `except ValueError as e` and 400. Their text is often written for
  the client.
- Attributes of an exception, such as `e.message` and `e.detail`, which its class defines for clients.
- Text that is used only under `isinstance(e, Known)`.
- Text that is sent only while debugging (`if settings.DEBUG`).
- An exception object that is passed to a function of the project: what the function sends is not known.
- Responses that are built and not sent, and responses that a client of HTTP receives.
- Logging, printing, and files that do not serve the web.
- Tests.

## What it does not see

- Text that goes through another function, an attribute or a template.
- Text in streams, in JSON-RPC and in GraphQL.
- `flash` and other messages in a page.

## References

- [CWE-209: Generation of Error Message Containing Sensitive Information](https://cwe.mitre.org/data/definitions/209.html)
- [OWASP: Error Handling Cheat Sheet](https://cheatsheetseries.owasp.org/cheatsheets/Error_Handling_Cheat_Sheet.html)
"""

from __future__ import annotations

import ast

from holdfast.code.source import Source
from holdfast.rule import Account, Decision, Finding, Options as BaseOptions, Rule, considered, decide
from holdfast.rules.no_exception_text_in_response import answers, texts
from holdfast.rules.no_exception_text_in_response.signs import SIGNS, SILENCERS, Exposure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


class Options(BaseOptions):
    """What to report."""

    tests: bool = False
    """Also look at tests."""


def exposures(source: Source) -> Iterator[tuple[Exposure, Decision]]:
    """Yield each answer with the text of an exception, and the decision about it; of nested answers, the outer one."""
    seen: set[ast.AST] = set()
    for answer in answers.every(source):
        if seen.isdisjoint(source.ancestors(answer)) and (text := texts.sent(source, answer)):
            seen.add(answer)
            exposure = Exposure(source=source, answer=answer, text=text)
            yield exposure, decide(SIGNS, SILENCERS, exposure)


def check(source: Source, options: Options) -> Iterator[Finding]:
    """Yield the answers of a file that contain the text of an unexpected exception."""
    if source.is_test and not options.tests:
        return
    for exposure, decision in exposures(source):
        if decision.reports:
            yield source.finding(
                exposure.answer,
                f"the response contains {exposure.text.shown}",
                hint="log the exception and answer with a fixed message",
                evidence=(source.evidence(exposure.text.handler, "the exception is handled here"),),
            )


def why(source: Source, options: Options, line: int) -> Iterator[Account]:
    """Yield an account of each answer with the text of an exception that starts on a line."""
    skipped = source.is_test and not options.tests
    for exposure, decision in exposures(source):
        start, column, _, _ = source.place(exposure.answer)
        if start != line:
            continue
        decisive = decision.silencer or decision.sign
        because = decisive.sentence if decisive else "the exception has a certain class, and the status is below 500"
        yield Account(
            line=line,
            column=column,
            subject=f"the response `{source.show(exposure.answer)}`",
            reported=decision.reports and not skipped,
            because="the file is a test (option `tests`)" if skipped else because,
            decided_by=decisive.name if decisive else "",
            reasons=tuple(considered(SIGNS, SILENCERS, exposure)),
        )


rule = Rule(
    name="no-exception-text-in-response",
    code="HF105",
    summary="responses contain no text of unexpected exceptions",
    since="0.1.0",
    level="warning",
    check=check,
    options=Options,
    mentions=(b"except", b"errorhandler", b"exception_handler"),
    default=False,
    anchors=(ast.Call, ast.Return),
    signs=SIGNS,
    silencers=SILENCERS,
    why=why,
    cwe=209,
)
