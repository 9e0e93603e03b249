"""Whether names, of a side or of the place, say that a comparison is about something else than a secret."""

from __future__ import annotations

import ast

from holdfast.code.words import words, wordset
from holdfast.rules.constant_time_compare import place
from holdfast.rules.constant_time_compare.comparisons import Comparison, owner
from holdfast.secrets import made as computed, names as secrets
from holdfast.secrets.names import CERTAIN

CHANGED = wordset("changed stale outdated obsolete superseded drift drifted conflict conflicting race")
DENIED = wordset("not cannot nothing no")
HTTP_CONFLICT = 409
EARLIER = wordset(
    "cached rejected snapshot merged want have desired proposed wanted facts legacy default defaults failed previous prev "
    "current cur old new last refreshed stale exchanged unsaved discovered parsed origin url reread"
)
NOT_EARLIER = wordset("user app request identity")
SIGNATURES = wordset("sig signature")
ONE_TIME_STATE = wordset("state nonce challenge")
KEYED = wordset(
    "key keys secret secrets hmac mac salt sign password passwd pwd token otp code apikey webhook credential credentials "
    "pin bcrypt hashpw crypt email user login authenticate confirm confirmation reset invite activation session"
)


def says_plain(comparison: Comparison) -> bool:
    """Whether a side is named for something else: a number, a type, a placeholder."""
    sides = zip(comparison.names, comparison.sides, strict=True)
    own = [names[0] for names, side in sides if names and not isinstance(side, ast.Tuple)]
    return any(map(secrets.says_plain, own))


def is_said_to_have_changed(comparison: Comparison) -> bool:
    """Whether the answer is that something changed: `raise Conflict`, `raise ValueError("file changed")`."""
    above = comparison.source.parent(comparison.node)
    body = above.body if isinstance(above, ast.If) and comparison.operator == "!=" else []
    return any(map(_says_changed, body))


def _says_changed(statement: ast.stmt) -> bool:
    said = [secrets.spoken_name(node) for node in ast.walk(statement) if isinstance(node, ast.Name | ast.Attribute)]
    constants = [node.value for node in ast.walk(statement) if isinstance(node, ast.Constant)]
    said += [value.replace(" ", "_") for value in constants if isinstance(value, str)]
    leaves = isinstance(statement, ast.Raise | ast.Return | ast.Expr)
    changed = any(CHANGED & split and not DENIED & split for split in (set(words(name)) for name in said))
    return leaves and (changed or HTTP_CONFLICT in constants)  # not "password was not changed", the answer to a wrong one


def is_enumerated(comparison: Comparison) -> bool:
    """Whether a constant repeats the name of what it is a value of: `reason == REASON_NO_CSRF_COOKIE`."""
    for side, other in comparison.both_ways:
        named = words(secrets.spoken_name(secrets.unwrapped(other)))
        if isinstance(side, ast.Name) and side.id.isupper() and named and secrets.strength("_".join(named)) < CERTAIN:
            return words(side.id)[0] == named[0] and words(side.id) != named
    return False


def is_policy(comparison: Comparison) -> bool:
    """Whether secrets are judged here: their strength, their format."""
    return bool(comparison.place.inside & place.POLICY)


def is_command_line(comparison: Comparison) -> bool:
    """Whether the place serves the person at the keyboard, who sees the secrets anyway."""
    return bool(comparison.place.around & place.COMMAND_LINE) and not comparison.external and not comparison.refusal


def is_earlier_state(comparison: Comparison) -> bool:
    """Whether a side is named for an earlier or later state of the same thing: `cached_token`, `current_hash`."""
    if comparison.refusal:
        return False
    for side in comparison.sides:
        split = [words(secrets.spoken_name(node)) for node in ast.walk(side) if isinstance(node, ast.Name | ast.Attribute)]
        if any(len(part) == 1 and part[0] in EARLIER for part in split):
            return True
        named = any(EARLIER & set(part) and part[-1] not in NOT_EARLIER for part in split if part)
        if named and not comparison.place.compares_secrets:
            return True
    return False


def is_same_field(comparison: Comparison) -> bool:
    """Whether two things are compared by one of their fields: `downloaded.digest != uploaded.digest`."""
    owners = [owner(side) for side in comparison.sides]
    fields = {secrets.spoken_name(secrets.unwrapped(side)) for side in comparison.sides}
    own = any(isinstance(one, ast.Name) and one.id in ("self", "cls") for one in owners)
    verified = comparison.external or comparison.refusal or (comparison.best == CERTAIN and comparison.place.verifies)
    return all(owners) and len(fields) == 1 and not own and not verified


def is_other_trade(comparison: Comparison) -> bool:
    """Whether a weak word means something else here: a lexer's token, the answer of a quiz, the state of a country."""
    if comparison.best == CERTAIN or comparison.made:
        return False
    around, nouns = comparison.place, comparison.nouns
    if around.is_other_trade and not comparison.refusal:
        return True
    if {secrets.noun(own[0]) for own in comparison.names if own} & {"state"} and (_is_owned(comparison) or not comparison.external):
        return True
    if nouns <= {"answer"} and nouns and not (around.is_about_secrets and (around.verifies or comparison.external)):
        return True
    one_name = len({own[0] for own in comparison.names if own}) == 1
    return bool(nouns) and nouns <= {"mac"} and (not comparison.refusal or one_name)


def _is_owned(comparison: Comparison) -> bool:
    """Whether a side is an attribute of the user: `request.user.state`."""
    held = (owner(side) for side in comparison.sides)
    return any(secrets.spoken_name(one) == "user" for one in held if one)


def is_public_digest(comparison: Comparison) -> bool:
    """Whether a hash or signature is one of public data, or nothing says that a key or a person is involved."""
    nouns, around = comparison.nouns, comparison.place
    if comparison.best == CERTAIN or comparison.made or not nouns:
        return False
    hidden = around.is_about_secrets or around.confirms or around.compares_secrets
    public = any(computed.is_public(comparison.source, side) for side in comparison.sides)
    if nouns <= computed.HASH_WORDS and (public or not hidden):
        return True
    sent = comparison.external and not comparison.is_search
    return nouns <= (computed.HASH_WORDS if sent else computed.HASH_WORDS | SIGNATURES) and not _is_keyed(comparison)


def _is_keyed(comparison: Comparison) -> bool:
    """Whether a key, a password or a person is spoken of: by the place, the parameters or what goes into the sides."""
    if KEYED & comparison.place.inside:
        return True
    here = comparison.source.function(comparison.node)
    parts: list[ast.AST] = [here.args] if here else []
    parts += [origin for origins in comparison.origins for origin in origins]
    named = (_own_name(node) for part in parts for node in ast.walk(part))
    return any(
        KEYED & {*split} and split[-1] not in secrets.ABOUT and not secrets.HARMLESS & {*split} for split in map(words, named)
    )


def _own_name(node: ast.AST) -> str:
    """The name that a node mentions: of a variable, an attribute, an argument or a key; "" for none."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name) | ast.keyword(arg=str(name)):
            return name
        case ast.Constant(value=str(name)) if name.isidentifier():
            return name
    return ""


def is_one_time_state(comparison: Comparison) -> bool:
    """Whether an OAuth state, a PKCE verifier or a nonce is compared, which one session holds for minutes."""
    own = [names[0] for names in comparison.names if names]
    return any(secrets.noun(name) in ONE_TIME_STATE or words(name)[-2:] == ("code", "verifier") for name in own)


def is_reached_by_nobody(comparison: Comparison) -> bool:
    """Whether only a name speaks for a secret, and nobody outside can present it."""
    verified = comparison.best == CERTAIN and comparison.place.verifies
    return not (comparison.made or verified or comparison.is_presented or comparison.refusal)
