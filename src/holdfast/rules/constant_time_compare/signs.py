"""What shows that a comparison is one of secrets: the signs, from the surest to the weakest."""

from __future__ import annotations

import ast

from holdfast.code import values
from holdfast.code.words import words, wordset
from holdfast.record import Record
from holdfast.rule import HARD, SOFT, Sign
from holdfast.rules.constant_time_compare import place
from holdfast.rules.constant_time_compare.comparisons import GENERIC, Comparison
from holdfast.secrets import made as computed, names as secrets
from holdfast.secrets.names import CERTAIN

WRITTEN = wordset("password passwd passphrase pwd secret token key credentials")
SHORTEST = 5
SEEN_ONCE = frozenset({"state", "nonce"})
CREDENTIALS = wordset("token sig signature")
MACS = wordset("mac hmac tag signature sig digest")
TAGS = wordset("tag auth create_tag")
CONFIGURATIONS = wordset("config conf cfg environ")
CRYPTOGRAPHY = wordset("hmac cryptography Crypto Cryptodome nacl hashlib")


class Lead(Record):
    """The evidence of a sign: a half-sentence for the message, and the expression that made the secret, with a label."""

    reason: str
    origin: ast.expr | None = None
    label: str = ""


def keyed_mac(comparison: Comparison) -> Lead | None:
    """An HMAC, a one-time password or a salted hash on one side."""
    lead = next((_made(comparison, side, made) for side, made in comparison.made if made.proves), None)
    if lead and comparison.is_search and comparison.best < CERTAIN and not _is_verified(comparison):
        return None  # among those seen before
    return lead


def secret_against_configured(comparison: Comparison) -> Lead | None:
    """What a request brings against a configured or stored secret, where somebody is refused or let in by it."""
    if not any(secrets.is_keylike(own[0]) for own in comparison.names if own):
        return None
    if not comparison.refusal and not _is_permission(comparison):
        return None
    for side, other in comparison.both_ways:
        if side in comparison.external and other not in comparison.external and _is_kept(comparison, other):
            shown = comparison.source.show(other)
            return Lead(reason=f"a request is let in only if it brings `{shown}`")
    return None


def mac_mismatch_raises(comparison: Comparison) -> Lead | None:
    """Two MACs that must agree, in a file that uses cryptography."""
    own = [words(names[0])[-1:] for names in comparison.names if names]
    macs = len(own) == 2 and all(MACS & {*last} for last in own) and any({"mac", "hmac"} & {*last} for last in own)
    if macs and CRYPTOGRAPHY & comparison.source.imported and place.raises(comparison.source, comparison.node):
        return Lead(reason="two MACs must agree")
    return None


def literal_password_refused(comparison: Comparison) -> Lead | None:
    """A password that is written in the code, and somebody is refused by it."""
    return _literal_password(comparison) if may_be_literal(comparison) and comparison.refusal else None


def digest_of_secret_refused(comparison: Comparison) -> Lead | None:
    """A digest of a secret, and somebody is refused by it."""
    lead = _digest_of_secret(comparison)
    return lead if lead and comparison.refusal else None


def literal_password(comparison: Comparison) -> Lead | None:
    """A password that is written in the code, in a function that lets somebody in."""
    if not may_be_literal(comparison):
        return None
    return _literal_password(comparison) if comparison.place.admits and comparison.place.is_security else None


def digest_of_secret(comparison: Comparison) -> Lead | None:
    """A digest of a secret where something is verified, or opposite what a request brings."""
    lead = _digest_of_secret(comparison)
    return lead if lead and _is_verified(comparison) else None


def random_token(comparison: Comparison) -> Lead | None:
    """A random token where something is verified, or opposite what a request brings."""
    lead = next((_made(comparison, side, made) for side, made in comparison.made if made.random), None)
    if not lead or not _is_verified(comparison):
        return None
    return None if comparison.is_search and not is_listed(comparison) else lead  # a marker in a text


def secret_name(comparison: Comparison) -> Lead | None:
    """A name that nothing but a secret has, where security is spoken of."""
    around = comparison.place
    if comparison.best != CERTAIN or (comparison.is_search and not _is_search_among_secrets(comparison)):
        return None
    settings = any(map(values.is_setting, comparison.sides))
    expected = min(comparison.strengths) == CERTAIN and comparison.is_qualified
    if around.verifies or around.is_security or comparison.external or settings or comparison.refusal:
        return _named(comparison)
    return _named(comparison) if comparison.finds_its_owner or expected else None


def weak_name(comparison: Comparison) -> Lead | None:
    """A name that may mean something else (token, signature, hash), where it is verified."""
    around, nouns = comparison.place, comparison.nouns
    if comparison.best == 0 or (comparison.is_search and not _is_search_among_secrets(comparison)):
        return None
    if nouns == {"authorization"}:
        return _named(comparison) if comparison.refusal else None  # else a client's own header
    both = all(comparison.strengths)
    if comparison.refusal or (both and comparison.external and nouns & CREDENTIALS):
        return _named(comparison)
    if any(isinstance(side, ast.Name) and side.id.isupper() for side in comparison.sides):
        return None  # a kind of token
    qualified = comparison.is_qualified or any(isinstance(secrets.unwrapped(side), ast.Call) for side in comparison.sides)
    if around.is_security and (around.verifies or both or qualified or comparison.external):
        return _named(comparison)
    sure = around.confirms and (both or (qualified and nouns - computed.HASH_WORDS))
    return _named(comparison) if sure else None


def cipher_tag(comparison: Comparison) -> Lead | None:
    """The tag of an authenticated cipher, where a cipher is implemented."""
    ciphers = comparison.place.around & place.CIPHERS
    if ciphers and all(own and secrets.noun(own[0]) in TAGS for own in comparison.names):
        return Lead(reason="both sides are tags of a cipher")
    return None


def named_for_it(comparison: Comparison) -> Lead | None:
    """`expected == given` in a function that is named for comparing secrets."""
    around = comparison.place
    if around.compares_secrets and around.is_security and all(own and set(own) <= GENERIC for own in comparison.names):
        return Lead(reason="its function is named for comparing secrets")
    return None


SIGNS = (
    Sign("keyed-mac", HARD, "a side is an HMAC, a one-time password or a salted hash", keyed_mac),
    Sign("secret-against-configured", HARD, "a request is refused by a configured secret", secret_against_configured),
    Sign("mac-mismatch-raises", HARD, "two MACs must agree, or an exception is raised", mac_mismatch_raises),
    Sign("literal-password-refused", HARD, "somebody is refused by a password in the code", literal_password_refused),
    Sign("digest-of-secret-refused", HARD, "somebody is refused by the digest of a secret", digest_of_secret_refused),
    Sign("literal-password", SOFT, "a password is compared with one in the code", literal_password),
    Sign("digest-of-secret", SOFT, "a side is the digest of a secret", digest_of_secret),
    Sign("random-token", SOFT, "a side is a random token", random_token),
    Sign("secret-name", SOFT, "a side has a name that only secrets have", secret_name),
    Sign("weak-name", SOFT, "a side is named like a secret, where something is verified", weak_name),
    Sign("cipher-tag", SOFT, "both sides are tags of a cipher", cipher_tag),
    Sign("named-for-it", SOFT, "the function is named for comparing secrets", named_for_it),
)


def is_high(sign: Sign, comparison: Comparison) -> bool:
    """Whether a finding by a sign is of high confidence: by what the code does, or by a sure name where it is verified."""
    if sign.strength == HARD or sign.name in ("digest-of-secret", "random-token"):
        return True
    verified = comparison.place.verifies or comparison.external or comparison.refusal
    return sign.name == "secret-name" and bool(verified)


# -- what the signs look at


def _made(comparison: Comparison, side: ast.expr, made: computed.Made) -> Lead:
    source = comparison.source
    named = isinstance(secrets.unwrapped(side), ast.Name | ast.Attribute)
    line = source.place(made.origin)[0]
    reason = f"`{source.show(side)}` is {made.label} from line {line}" if named else f"one side is {made.label}"
    return Lead(reason=reason, origin=made.origin, label=made.label)


def _named(comparison: Comparison) -> Lead:
    named = next(name for own in comparison.names for name in own if secrets.strength(name) == comparison.best)
    return Lead(reason=f"`{named}` is named like a secret")


def _is_verified(comparison: Comparison) -> bool:
    """Whether something is verified here, or a request brings a side."""
    return comparison.place.verifies or comparison.place.is_security or bool(comparison.external)


def _digest_of_secret(comparison: Comparison) -> Lead | None:
    digests = ((side, made) for side, made in comparison.made if not made.proves and not made.random)
    return next((_made(comparison, side, made) for side, made in digests), None)


def _is_permission(comparison: Comparison) -> bool:
    """Whether a function that lets somebody in returns the comparison: `return request.GET["key"] == device.key`."""
    above = comparison.source.parent(comparison.node)
    while isinstance(above, ast.BoolOp | ast.UnaryOp):
        above = comparison.source.parent(above)
    return isinstance(above, ast.Return) and comparison.place.admits


def _is_kept(comparison: Comparison, side: ast.expr) -> bool:
    """Whether a side is configured or held: a setting, an environment variable, an attribute that is named like a secret."""
    for origin in (side, *values.origins(comparison.source, secrets.unwrapped(side))):
        parts = list(ast.walk(origin))
        calls = (comparison.source.qualname(part.func) or "" for part in parts if isinstance(part, ast.Call))
        named = {secrets.spoken_name(part) for part in parts if isinstance(part, ast.Name | ast.Attribute)}
        if values.is_setting(origin) or CONFIGURATIONS & named or any(name in ("os.getenv", "os.environ.get") for name in calls):
            return True
        for part in parts:
            held = isinstance(part, ast.Attribute) and not isinstance(comparison.source.parent(part), ast.Call)
            if held and secrets.is_keylike(part.attr):  # type: ignore[attr-defined]
                return True
    return False


def is_listed(comparison: Comparison) -> bool:
    """Whether a collection is known to be searched one by one: a list or the values of a dict, not a dict or an unknown thing."""
    listed = (ast.List, ast.Tuple, ast.ListComp, ast.GeneratorExp, ast.BinOp)
    return any(
        isinstance(origin, listed)
        or (isinstance(origin, ast.Call) and secrets.spoken_name(origin.func) in ("values", "split", "list"))
        for origin in comparison.origins[1]
    )


def _is_search_among_secrets(comparison: Comparison) -> bool:
    """Whether a secret is sought among secrets, one by one; what was seen once is no secret any more."""
    listed = comparison.place.verifies or comparison.external or comparison.refusal or is_listed(comparison)
    seen_before = any(secrets.noun(name) in SEEN_ONCE for name in comparison.names[0][:1])
    return bool(listed) and all(comparison.strengths) and not seen_before


def _literal_password(comparison: Comparison) -> Lead | None:
    """A password or token that somebody hands in, opposite one that is written in the code: `key == "hunter22"`."""
    if comparison.operator == "case":
        return None
    written = [side for side in comparison.sides if is_written(comparison, side)]
    given = [own[0] for own, side in zip(comparison.names, comparison.sides, strict=True) if own and side not in written]
    if len(written) != 1 or not given or not WRITTEN & {*words(given[0])[-1:]} or not secrets.strength(given[0]):
        return None
    handed_in = comparison.external or any(_is_parameter(comparison, side) for side in comparison.sides)
    return Lead(reason=f"`{given[0]}` is compared with a secret that is written here") if handed_in else None


def may_be_literal(comparison: Comparison) -> bool:
    """Whether a side is named like what people log in with; to look closer takes long, and most comparisons have a literal."""
    named = (words(secrets.spoken_name(secrets.unwrapped(side)))[-1:] for side in comparison.sides)
    return not comparison.is_search and any(WRITTEN & set(last) for last in named)


def is_written(comparison: Comparison, side: ast.expr) -> bool:
    """Whether a side is text in the code that may be a password: `"hunter22"`, not `"basic "` or DEFAULT_KEY = "invalid key"."""
    written = values.origins(comparison.source, secrets.unwrapped(side))[-1]
    if not isinstance(written, ast.Constant) or not isinstance(written.value, str):
        return False
    said = set(words(written.value))
    whole = len(written.value.strip()) == len(written.value) >= SHORTEST
    plain = secrets.says_plain(secrets.spoken_name(side)) or said & (secrets.PLACEHOLDERS | secrets.EXAMPLES | place.INVALID)
    return whole and not plain


def _is_parameter(comparison: Comparison, side: ast.expr) -> bool:
    """Whether a side is a parameter, or a field of one."""
    inner = secrets.unwrapped(side)
    held = inner.value if isinstance(inner, ast.Attribute) else inner
    if not isinstance(held, ast.Name) or held.id in ("self", "cls"):
        return False
    return any(isinstance(binder, ast.arg) for binder in comparison.source.binders(held.id, held))
