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
from holdfast.rule import Evidence, Finding, Options as BaseOptions, Rule
from holdfast.rules.constant_time_compare import change_detection, comparisons, surroundings, suspects
from holdfast.rules.constant_time_compare.comparisons import Comparison
from holdfast.rules.constant_time_compare.suspects import Suspect
from holdfast.secrets import made as computed, names as secrets
from holdfast.secrets.made import Made

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

HINTS = {"str": "hmac.compare_digest(a.encode(), b.encode())", "bytes": "hmac.compare_digest(a, b)"}


class Options(BaseOptions):
    """What to report."""

    medium: bool = True
    """Also report what only names suggest, in a place that does not say that it verifies something (confidence medium)."""
    tests: bool = False
    """Also look at tests."""


def check(source: Source, options: Options) -> Iterator[Finding]:
    if source.is_test and not options.tests:
        return
    for comparison in comparisons.every(source):
        found = _judge(source, comparison)
        if not found or (not options.medium and found.confidence != "high") or change_detection.is_silent(source, comparison):
            continue
        if not surroundings.configures(source) and (options.tests or not surroundings.is_for_tests(source)):
            yield found


def _judge(source: Source, comparison: Comparison) -> Finding | None:
    """The finding for a comparison, or None."""
    if suspects.says_plain(comparison):
        return None
    if comparisons.are_plain(source, comparison):
        return _written(source, comparison) if suspects.may_be_literal(comparison) else None
    suspect = suspects.of(source, comparison)
    around, names = suspect.around, suspect.names
    if suspects.is_plain(suspect) or suspects.are_typed_twice(suspect):
        return None
    sought = not comparison.seeks or any(map(secrets.strength, names[0])) or set(names[0]) <= suspects.GENERIC
    made = [
        (side, found)
        for side in comparison.sides
        if (sought or side is comparison.left) and (found := computed.secret(source, side))
    ]
    best = suspect.best
    if (not made and not best and not around.compares_secrets and not around.deciphers) or comparisons.is_harmless(
        source, comparison
    ):
        return None
    if len(made) > 1 and computed.are_blinded(source, comparison.sides):
        return None
    for side, found in made:
        if _counts(suspect, found):
            return _made(source, comparison, side, found)
    if not suspects.is_secret(suspect):
        return None
    named = next(name for own in names for name in own if secrets.strength(name) == best)
    reason = f"`{named}` is named like a secret" if best else "its function compares secrets, by its name"
    certain = best == secrets.CERTAIN and (around.verifies or suspect.external or suspect.refuses)
    if not certain and not suspects.is_reached(suspect):
        return None
    return _finding(source, comparison, reason, "high" if certain else "medium")


def _written(source: Source, comparison: Comparison) -> Finding | None:
    """The finding for a password that is compared with a literal."""
    suspect = suspects.of(source, comparison)
    if not suspects.is_literal(suspect):
        return None
    return _finding(source, comparison, "a secret is compared with one written here", "high" if suspect.refuses else "medium")


def _counts(suspect: Suspect, made: Made) -> bool:
    """Whether what was made is compared as a secret: anything that proves it, a mere digest only where something is verified."""
    around = suspect.around
    qualified = suspect.qualified and not suspect.nouns <= computed.HASH_WORDS  # current_digest != expected_digest
    certain = made.proves or qualified or suspect.refuses
    if around.changes or not (
        certain or not any(comparisons.is_earlier(suspect.source, side, around) for side in suspect.comparison.sides)
    ):
        return False  # current_hash
    if suspects.is_of_records(suspect, made=True):
        return False
    if made.random and (suspect.nouns_said & suspects.PUBLISHED or (around.local and not suspect.external)):
        return False  # sent in the clear, or made for the person at the keyboard
    if suspect.comparison.seeks and not suspects.is_sought(suspect, made):
        return False
    return made.proves or around.verifies or around.security or suspect.external


def _made(source: Source, comparison: Comparison, side: ast.expr, made: Made) -> Finding:
    named = isinstance(secrets.unwrapped(side), ast.Name | ast.Attribute)
    reason = (
        f"`{source.show(side)}` is {made.label} from line {source.place(made.origin)[0]}" if named else f"one side is {made.label}"
    )
    return _finding(source, comparison, reason, "high", (source.evidence(made.origin, made.label),))


def _finding(source: Source, comparison: Comparison, reason: str, confidence: str, evidence: tuple[Evidence, ...] = ()) -> Finding:
    message = f"`{comparison.operator}` is not constant-time, and {reason}"
    node, hint, fix = comparison.node, "compare each with hmac.compare_digest, and all of them: any([...])", None
    if comparison.operator in ("==", "!="):
        kind, why = kinds.same(source, *comparison.sides)
        hint = HINTS[kind] if kind else f"hmac.compare_digest(a.encode(), b.encode()) for text, handle None first ({why})"
        fix = "unsafe" if kind and isinstance(node, ast.Compare) and len(node.ops) == 1 else None
    elif comparison.operator != "case" and isinstance(comparison.right, ast.List | ast.Tuple | ast.Set):
        fix = "unsafe" if all(kinds.same(source, comparison.left, part)[0] for part in comparison.right.elts) else None
    return source.finding(node, message, hint=hint, confidence=confidence, evidence=evidence, fix=fix)


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
            b"crypt challenge verif answer basic_auth basicauth md5 sha1 sha2 pincode"
        ).split()
    ),
    secret=True,
    anchors=(ast.Compare, ast.MatchValue),
    may_stand=suspects.may_stand,
    cwe=208,
    fix_level="unsafe",
)
