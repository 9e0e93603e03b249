"""Rules about Holdfast's own comments and files. The engine finds what they report; this module defines their names and pages."""

from __future__ import annotations

from holdfast.rule import Finding, Rule

UNUSED = """\
Reports an exemption comment that silences nothing: its rule ran over the file and found nothing there.

## Why is this bad?

The comment outlives the code that it was written for. It would silence the next real finding on its line, and nobody would
have decided that.

## Example

```python
total = price * amount  # holdfast: ignore[no-print] printed for the operator
```

Delete the comment:

```python
total = price * amount
```

## What it leaves alone

- An exemption for a rule that did not run: with `--select`, or if the rule is not selected.

## References

- [How to suppress a finding](../how-to/suppress.md)
"""
WITHOUT_REASON = """\
Reports an exemption comment that gives no reason. The comment silences its finding all the same.

## Why is this bad?

The next reader cannot tell a decision from a shortcut.

## Example

```python
print(banner)  # holdfast: ignore[no-print]
```

Write the reason behind the bracket:

```python
print(banner)  # holdfast: ignore[no-print] the start-up banner is for people
```

## References

- [How to suppress a finding](../how-to/suppress.md)
"""
STALE = """\
Reports an entry of the baseline whose finding no longer exists.

## Why is this bad?

The entry would allow the same defect to come back unnoticed.

## Example

A `print` was removed from `shop/importer.py`, and `.holdfast-baseline.json` still contains its entry. The finding is reported
at the line of the entry. Remove the entry with `holdfast baseline prune`, and commit the file.

## What it leaves alone

- Entries of rules that did not run and of files that were not checked. Only a run over the whole root judges the entries of a
  deleted file.
- On a merge commit and with `--stale note`, a stale entry is a note, which does not fail.
- All entries in a run with `--since`, and in a run in which anything could not be checked.

## References

- [How to work with a baseline](../how-to/baseline.md)
"""


def in_the_engine(_source: object, _options: object) -> tuple[Finding, ...]:
    """Return nothing: the engine reports these findings."""
    return ()


UNUSED_EXEMPTION = Rule(
    name="unused-exemption",
    code="HF901",
    summary="every exemption silences something",
    since="0.1.0",
    level="warning",
    check=in_the_engine,
    explanation=UNUSED,
)
EXEMPTION_WITHOUT_REASON = Rule(
    name="exemption-without-reason",
    code="HF902",
    summary="every exemption says why",
    since="0.1.0",
    level="warning",
    check=in_the_engine,
    explanation=WITHOUT_REASON,
)
STALE_BASELINE = Rule(
    name="stale-baseline",
    code="HF903",
    summary="the baseline knows no more than there is",
    since="0.1.0",
    level="warning",
    check=in_the_engine,
    explanation=STALE,
)
EVERY = (UNUSED_EXEMPTION, EXEMPTION_WITHOUT_REASON, STALE_BASELINE)
