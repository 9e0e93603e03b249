"""Secrets are compared in constant time.

`==` on text and bytes stops at the first difference. How long it took tells an attacker how much of a guessed signature,
token or one-time password was right, and lets them find it piece by piece. `hmac.compare_digest` looks at everything,
always.

```python bad
import hmac


def verify(body, signature, key):
    expected = hmac.new(key, body, "sha256").hexdigest()
    return signature == expected
```

```python good
import hmac


def verify(body, signature, key):
    expected = hmac.new(key, body, "sha256").hexdigest()
    return hmac.compare_digest(signature.encode(), expected.encode())
```

## What it reports

`==`, `!=`, `in`, `not in` and `case` where a side is a secret, and says why it thinks so:

- by its value: an HMAC, a one-time password, a signature that a function of that name computes, a digest of a secret;
  followed through assignments, attributes of `self` and functions of the same file (confidence high);
- by its name: `otp`, `hmac`, `password`, `api_key`, `client_secret`, where the place speaks of security, a side comes
  from a request or somebody is refused (high where the function verifies or refuses, or a side comes from a request, else
  medium);
- by a name that can mean something else (`token`, `signature`, `mac`, `hash`, `digest`, `code`, `state`) only in
  a function or module that verifies something, opposite an `expected` one, or where the `if` raises an authentication
  error or answers 401 or 403 (medium);
- by a literal: a password or token that somebody hands in, opposite one that is written in the code
  (`password == "hunter22"`), where somebody is let in or refused (high where refused, else medium).

What only names suggest counts where somebody outside may present it: the place verifies a secret or refuses somebody, a side
comes from a request, somebody is looked for by a secret, or the file imports a web framework or is an `auth` module.

Wrappers do not hide a secret: `x.encode()`, `str(x)`, slices, f-strings, tuples, `not a == b`, `any(a == b for ...)`,
lambdas.

## What it leaves alone, on purpose

- Other literals (`token_type == "bearer"`, a default that should have been changed), None, lengths, types, enumerated values,
  names *of* secrets (`PASSWORD_FIELD in data`) and what a secret is described by (`token_type`, `signature_version`).
- Lexers, language models, caches, downloads, ETags, captchas, MAC addresses, public keys, magic numbers, known hosts: the same
  words in other trades; a digest of public data, which anybody can compute.
- Hashes and signatures of records, bundles, options and caches: only where a key, a password, a token or a person is spoken of
  (the names that go into them, the function's) is one reported, or where a signature comes with a request.
- Records that are compared in four or more of their fields at once, to see that they belong together; in files that serve nobody
  (no web framework, no request, no function that verifies a secret) in two fields, or one record after the other in a loop.
- What is sent in the clear: nonces, the code challenge of PKCE, by what a server proves itself to its client, the hashes of
  tokens in an ID token.
- MACs of two MACs by one key made here (double HMAC), which is a constant-time comparison of its own.
- Queries (`User.api_key == key` builds SQL), `__eq__` and `__hash__`, `assert` (but in a function that verifies).
- Two spellings of one password in a form (`password == password_confirm`, two fields of `request.form`, a pydantic validator, two
  prompts): its author types both.
- OAuth's `state` opposite a cookie of the same request: who sends one sends the other. CSRF tokens in such a pair are reported.
- Round trips (`encode(decode(token)) != token`), records compared field by field, lookups in the keys of a dict,
  `int(a) == int(b)`, a parameter that is an `int` by its annotation, passwords in lower case (a policy), what says that it is
  a dummy, a mock or insecure.
- Modules of Ansible and Salt, which compare what is with what should be.
- Noticing a change (`if self.token != token: self.token = token`, `raise ValueError("the key changed")`, an answer 409) or that
  there is one already (`if code in used: raise ...`), gathering what fits (`found.append(account)`), a marker that is sought in a
  text, what was rejected before or tidied up (`normalized_key != raw_key`), ids of tokens (`jti`), a client's own tokens,
  placeholders (`API_KEY_SENTINEL`), and what a command-line tool compares for the person at its keyboard, who sees the secrets
  anyway.
- Tokens whose own signature was verified before (`jwt.decode(token, key)`): what is left to ask is whether it was revoked.
- What is only done where Python has no `hmac.compare_digest`, in the `else` of `hasattr` or after `except ImportError`.
- What the public key opens: `public_key.decrypt(signature)` and the digest in it are known to everybody.
- Tests, and files that import what only tests are made of (pytest, moto and other mocks). Examples are reported: they are copied.

## What it does not see

Secrets with an innocent name that come from another module, lookups in a database or a dict by a secret, comparison
character by character. Membership in a collection of unknown type is reported only in a function that verifies something.

## Fix

`hmac.compare_digest(a.encode(), b.encode())` where both sides are known to be text, `hmac.compare_digest(a, b)` where both
are bytes: from literals, annotations, well-known calls, request data, and what was done with a name before. `!=` becomes
`not`, `in` a literal collection becomes `any([...])`, a list, so that the time does not tell which element it was.
Everything else is left alone, and the hint says what to write. It is *unsafe* (opt-in) because `compare_digest` raises
TypeError for None, for text beyond ASCII and for text against bytes where `==` says False, and an annotation may be wrong;
and because `.encode()` raises for lone surrogates.

Do not reach for `django.utils.crypto.constant_time_compare` where a side may be None: it compares the text "None".
"""

from __future__ import annotations

import ast

from holdfast.code import types as kinds
from holdfast.code.source import Source
from holdfast.rule import SOFT, Account, Decision, Finding, Options as BaseOptions, Reason, Rule, decide
from holdfast.rules.constant_time_compare import comparisons, place
from holdfast.rules.constant_time_compare.comparisons import Comparison
from holdfast.rules.constant_time_compare.signs import SIGNS, Lead, is_high, may_be_literal
from holdfast.rules.constant_time_compare.silencers import SILENCERS, STATE, is_plain_value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from holdfast.rule import Silencer

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
    if _is_left_out(source, options):
        return
    silencers = _silencers(options)
    for comparison in comparisons.every(source):
        if is_plain_value(comparison):
            continue  # most comparisons have a literal: this spares them the signs
        decision = decide(SIGNS, silencers, comparison)
        if decision.reports:
            found = _finding(comparison, decision)
            if options.medium or found.confidence == "high":
                yield found


def _is_left_out(source: Source, options: Options) -> str:
    """Why a file is not looked at; "" where it is."""
    if not options.tests and (source.is_test or place.TEST_LIBRARIES & source.imported):
        return "the file is a test, or imports what only tests are made of (option `tests`)"
    return ""


def _silencers(options: Options) -> tuple[Silencer, ...]:
    return SILENCERS if options.state else (*SILENCERS, STATE)


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


def why(source: Source, options: Options, line: int) -> Iterator[Account]:
    """How each comparison that starts on a line was judged."""
    left_out = _is_left_out(source, options)
    for comparison in comparisons.every(source):
        at = source.place(comparison.node)
        if at[0] != line:
            continue
        decision = decide(SIGNS, _silencers(options), comparison)
        yield Account(
            line=line,
            column=at[1],
            subject=f"the comparison `{source.show(comparison.node)}`",
            reported=decision.reports and not left_out,
            because=left_out or _because(decision),
            decided_by=decision.silencer.name if decision.silencer else decision.sign.name if decision.sign else "",
            reasons=tuple(_reasons(comparison, options)),
        )


def _because(decision: Decision) -> str:
    if decision.sign is None:
        return "no sign was found: neither a value nor a name on either side shows a secret here"
    if decision.silencer is None:
        return f"{decision.sign.sentence}: {decision.evidence.reason}"
    return f"{decision.silencer.sentence}"


def _reasons(comparison: Comparison, options: Options) -> Iterator[Reason]:
    """Every sign that is found, and every silencer that applies."""
    found = [(sign, lead) for sign in SIGNS if (lead := sign.found(comparison))]
    for sign, lead in found:
        path, line, column = "", 0, 0
        if lead.origin:
            path, (line, column, _, _) = comparison.source.path, comparison.source.place(lead.origin)
        yield Reason(kind=f"{sign.strength} sign", name=sign.name, sentence=lead.reason, path=path, line=line, column=column)
    hard = any(sign.strength != SOFT for sign, _ in found)
    for silencer in _silencers(options) if found else ():
        if silencer.applies(comparison):
            yields = hard and silencer.kind == "words"
            why_not = "words do not silence a hard sign" if yields else ""
            yield Reason(kind=silencer.kind, name=silencer.name, sentence=silencer.sentence, counts=not yields, why_not=why_not)


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
    silencers=(*SILENCERS, STATE),
    why=why,
    cwe=208,
    fix_level="unsafe",
)
