"""## What it does

Reports secrets that are compared with `==`, `!=`, `in`, `not in` or `case`: signatures, one-time passwords, tokens, API keys,
passwords and their hashes.

## Why is this bad?

`==` on text and bytes stops at the first difference. The time it takes tells an attacker how much of a guess was right, and the
secret can be found piece by piece. `hmac.compare_digest` looks at every byte. Public fixes of this defect have CVEs of their own:
CVE-2014-0006 (OpenStack Swift), CVE-2020-4071 (django-basic-auth-ip-whitelist), CVE-2020-11037 (Wagtail).

## Example

```python bad
import hmac


def verify(body, signature, key):
    expected = hmac.new(key, body, "sha256").hexdigest()
    return signature == expected
```

Use instead:

```python good
import hmac


def verify(body, signature, key):
    expected = hmac.new(key, body, "sha256").hexdigest()
    return hmac.compare_digest(signature.encode(), expected.encode())
```

## What it reports

A comparison with a hard sign. Only the structure of the code silences these (confidence high):

- An HMAC, a one-time password or a salted hash, followed through assignments, attributes of `self`, functions of the same file
  and tables of functions.
- What a request brings, against a setting, an environment variable or an attribute that is named like a key, where the `if`
  raises an authentication error or answers 401 or 403, or where a function for permissions returns the comparison.
- Two MACs that must agree, or an exception is raised.
- A password in the code, or the digest of a secret, by which somebody is refused.

A comparison with a soft sign, which names can silence as well:

- A digest of a secret, or a random token, where something is verified.
- A name that only secrets have (`otp`, `hmac`, `password`, `api_key`), where the place is about security, a request brings a side,
  or somebody is refused.
- A name that may mean something else (`token`, `signature`, `hash`, `code`), where something is verified.
- The tags of a cipher, and `expected == given` in a function that is named for comparing secrets.

Wrappers do not hide a secret: `x.encode()`, `str(x)`, slices, f-strings, tuples, `not a == b`, `any(a == b for ...)`, lambdas.
`holdfast why PATH:LINE` shows the signs and silencers of a comparison.

## What it leaves alone

By structure:

- Constants, None, numbers, types, enumerated values, and names of secrets (`PASSWORD_FIELD in data`).
- `__eq__` and the like, database queries, asserts (but in a function that verifies), validators of forms and models.
- A password that is typed twice: `password == password_confirm`, two fields of `request.form`, two prompts.
- The fallback where Python has no `hmac.compare_digest`, and MACs of two MACs by one key made here (double HMAC).
- Round trips (`encode(decode(token)) != token`), keys of a dict, elements that are filtered out of a list.
- A value that takes the place of another: `if self.token != token: self.token = token`.

By words, for soft signs only:

- Other trades (lexers, language models, caches, downloads), digests of public data, a side that is named for something else
  (`token_type`), password policies, command lines, earlier states (`cached_token`), answers that say that something changed.
- A secret by its name alone that nobody outside can present.
- OAuth states, PKCE verifiers and nonces, unless the option `state` is on.

Tests, and files that import what only tests are made of (pytest, moto), are not looked at. Examples are: they are copied.

## What it does not see

- Secrets with an innocent name that come from another module.
- Lookups in a database or a dict by a secret.
- Comparisons character by character.

## Fix safety

The fix writes `hmac.compare_digest(a.encode(), b.encode())` where both sides are known to be text, and
`hmac.compare_digest(a, b)` where both are bytes. `!=` becomes `not`. `in` a literal collection becomes `any([...])`: a list, so
that the time does not tell which element it was. Everything else is left alone, and the hint says what to write.

It is unsafe: `compare_digest` raises TypeError for None, for text beyond ASCII and for text against bytes, where `==` is False.
Do not use `django.utils.crypto.constant_time_compare` where a side may be None: it compares the text "None".

## References

- [CWE-208](https://cwe.mitre.org/data/definitions/208.html)
- [hmac.compare_digest](https://docs.python.org/3/library/hmac.html#hmac.compare_digest)
"""

from __future__ import annotations

import ast

from holdfast.code import types as kinds
from holdfast.code.source import Source
from holdfast.rule import Decision, Finding, Options as BaseOptions, Rule, decide
from holdfast.rules.constant_time_compare import comparisons
from holdfast.rules.constant_time_compare.comparisons import Comparison
from holdfast.rules.constant_time_compare.signs import SIGNS, Lead, is_high, may_be_literal
from holdfast.rules.constant_time_compare.silencers import SILENCERS
from holdfast.rules.constant_time_compare.structure import is_plain_value
from holdfast.rules.constant_time_compare.why import active, left_out, why

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

HINTS = {"str": "hmac.compare_digest(a.encode(), b.encode())", "bytes": "hmac.compare_digest(a, b)"}


class Options(BaseOptions):
    """What to report."""

    medium: bool = True
    """Also report what only names suggest, in a place that is not named for verifying something (confidence medium)."""
    tests: bool = False
    """Also look at tests."""
    state: bool = False
    """Also report OAuth states, PKCE verifiers and nonces that a session holds: they are hard to guess in time."""


def check(source: Source, options: Options) -> Iterator[Finding]:
    """The comparisons of secrets in a file."""
    if left_out(source, options.tests):
        return
    silencers = active(options.state)
    for comparison in comparisons.every(source):
        if is_plain_value(comparison):
            continue  # most comparisons have a literal: this spares them the signs
        decision = decide(SIGNS, silencers, comparison)
        if decision.reports:
            found = _finding(comparison, decision)
            if options.medium or found.confidence == "high":
                yield found


def _finding(comparison: Comparison, decision: Decision) -> Finding:
    source, node = comparison.source, comparison.node
    lead: Lead = decision.evidence
    evidence = (source.evidence(lead.origin, lead.label),) if lead.origin else ()
    hint, fix = "compare each with hmac.compare_digest, and all of them: any([...])", None
    if comparison.operator in ("==", "!="):
        kind, why_not = kinds.same(source, *comparison.sides)
        hint = HINTS[kind] if kind else f"hmac.compare_digest(a.encode(), b.encode()) for text, handle None first ({why_not})"
        fix = "unsafe" if kind and isinstance(node, ast.Compare) and len(node.ops) == 1 else None
    elif comparison.operator != "case" and isinstance(comparison.right, ast.List | ast.Tuple | ast.Set):
        fix = "unsafe" if all(kinds.same(source, comparison.left, part)[0] for part in comparison.right.elts) else None
    confidence = "high" if decision.sign and is_high(decision.sign, comparison) else "medium"
    message = f"`{comparison.operator}` is not constant-time, and {lead.reason}"
    return source.finding(node, message, hint=hint, confidence=confidence, evidence=evidence, fix=fix)


def may_stand(node: ast.AST) -> bool:
    """Whether a comparison may be one of secrets, by its own text: two things that are no constants, or a password's name."""
    if not isinstance(node, ast.Compare):
        return True
    return any(
        may_be_literal(comparison) or not any(isinstance(side, ast.Constant) for side in comparison.sides)
        for comparison in comparisons.of(Source("", b"", tree=ast.Module([], [])), node)
    )


rule = Rule(
    name="constant-time-compare",
    code="HF101",
    summary="secrets are compared in constant time",
    since="0.1.0",
    level="error",
    check=check,
    options=Options,
    mentions=tuple(
        (
            b"hmac otp passw pwd passphrase passcode secret csrf xsrf sig api_key api-key apikey auth_key authkey "
            b"access_key accesskey admin_key adminkey activation webhook token digest mac hash hsh nonce code state "
            b"crypt challenge verif answer basic_auth basicauth md5 sha1 sha2 pincode formkey 401 403 unauthorized forbidden"
        ).split()
    ),
    secret=True,
    anchors=(ast.Compare, ast.MatchValue),
    may_stand=may_stand,
    signs=SIGNS,
    silencers=SILENCERS,
    why=why,
    cwe=208,
    fix_level="unsafe",
)
