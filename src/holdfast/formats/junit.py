"""JUnit XML for Jenkins, GitLab and others: one test case per finding, and a passing one if there are no findings."""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

from holdfast.formats.checkout import from_top
from holdfast.formats.text import count, printable, status_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from holdfast.engine.report import Report
    from holdfast.rule import CheckError, Finding

SUITE = "holdfast"


def write(report: Report, *, show_all: bool = False) -> str:
    """Return one test suite: findings are failures, errors are errors; notes and exempt or known findings are skipped.

    The document is ASCII with character references, so that it is correct in every encoding.
    """
    shown = report.findings if show_all else report.new()
    cases = [*(_error(error, report.root) for error in report.errors), *(_finding(finding, report.root) for finding in shown)]
    skipped = sum(_is_skipped(finding) for finding in shown)
    passed = _attributes(classname=SUITE, name=f"no findings in {count(report.files, 'file')}")
    cases = cases or [f"    <testcase {passed}/>\n"]
    failures = len(shown) - skipped
    numbers = _attributes(name=SUITE, tests=len(cases), failures=failures, errors=len(report.errors), skipped=skipped)
    suite = f"  <testsuite {numbers}>\n{''.join(cases)}  </testsuite>\n"
    document = f'<?xml version="1.0" encoding="utf-8"?>\n<testsuites>\n{suite}</testsuites>\n'
    return document.encode("ascii", "xmlcharrefreplace").decode()


def _is_skipped(finding: Finding) -> bool:
    return finding.level == "note" or finding.status != "new"


def _finding(finding: Finding, root: str) -> str:
    place = f"{finding.path}:{finding.line}:{finding.column}"
    name = f"{finding.rule} at {finding.line}:{finding.column}"
    if finding.status != "new":
        return _case(finding.path, root, name, "skipped", status_of(finding).strip(), finding.rule, [place])
    detail = [f"{place}: {finding.message}", finding.frame.expandtabs(4), *([f"hint: {finding.hint}"] if finding.hint else [])]
    detail += [f"{evidence.path}:{evidence.line}: {evidence.message}" for evidence in finding.evidence]
    return _case(finding.path, root, name, "skipped" if _is_skipped(finding) else "failure", finding.message, finding.rule, detail)


def _error(error: CheckError, root: str) -> str:
    place = f"{error.path}:{error.line}: " if error.line else f"{error.path}: " if error.path else ""
    return _case(
        error.path, root, f"could not be checked: {error.message}", "error", error.message, error.kind, [place + error.message]
    )


def _case(path: str, root: str, name: str, outcome: str, message: str, kind: str, detail: list[str]) -> str:
    """A test case. Its class name is the module, because Jenkins takes the text before the last dot for a package.

    GitLab links `file`, which is relative to the top of the checkout.
    """
    module = (path or SUITE).removesuffix(".py").replace(".", "_").replace("/", ".")
    text = "\n".join(escape(printable(line)) for line in detail if line.strip())
    inner = f"      <{outcome} {_attributes(message=message, type=kind)}>{text}</{outcome}>\n"
    place = {"file": from_top(root, path)} if path else {}
    return f"    <testcase {_attributes(classname=module, name=name, **place)}>\n{inner}    </testcase>\n"


def _attributes(**values: str | int) -> str:
    """XML attributes. Characters that are not allowed in XML are escaped, as in the text format."""
    return " ".join(f"{name}={quoteattr(printable(str(value)))}" for name, value in values.items())
