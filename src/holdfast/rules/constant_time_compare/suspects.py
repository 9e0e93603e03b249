"""Comparisons that only names speak against: whether these, and the place they stand in, make one of secrets."""

from __future__ import annotations

import ast
from functools import cached_property

from holdfast.code import values
from holdfast.code.words import singular, words, wordset
from holdfast.record import Record
from holdfast.rules.constant_time_compare import comparisons, confirmations, surroundings
from holdfast.secrets import made as computed, names as secrets

TYPE_CHECKING = False
if TYPE_CHECKING:
    from holdfast.code.source import Source
    from holdfast.rules.constant_time_compare.comparisons import Comparison
    from holdfast.rules.constant_time_compare.surroundings import Surroundings
    from holdfast.secrets.made import Made

GENERIC = wordset("actual expected given provided stored received a b x y c value candidate computed calculated correct known")
QUALIFIED = wordset(
    "expected valid computed calculated correct provided received given supplied submitted request header stored msg"
)
WRITTEN = wordset("password passwd passphrase pwd secret token key credentials")
SHORTEST = 5
PUBLISHED = frozenset({"nonce", "challenge"})
SEEN_ONCE = frozenset({"state", "nonce"})
LOOKING_UP = wordset("find lookup fetch filter search")
SIGNATURES = wordset("sig signature")
KEYED = wordset(
    "key keys secret secrets hmac mac salt sign password passwd pwd token otp code apikey webhook credential credentials "
    "pin bcrypt hashpw crypt email user login authenticate confirm confirmation reset invite activation session"
)
BOUND = computed.HASH_WORDS | SIGNATURES | {"hmac", "sha", "state"}
TAGS = wordset("tag auth create_tag")
CREDENTIALS = wordset("token sig signature")


class Suspect(Record):
    """A comparison with the names of its sides (of each, its own first) and where it stands."""

    source: Source
    comparison: Comparison
    names: list[list[str]]
    around: Surroundings

    @cached_property
    def external(self) -> bool:
        """Whether a side comes from a request."""
        return any(values.is_external(self.source, side) for side in self.comparison.sides)

    @property
    def strengths(self) -> list[int]:
        """How surely each side is a secret by its names: 0 to 2."""
        return [max(map(secrets.strength, own), default=0) for own in self.names]

    @property
    def best(self) -> int:
        """How surely one side is a secret."""
        return max(self.strengths)

    @property
    def nouns(self) -> set[str]:
        """What the sides are, by those of their names that are secret: {"token", "hash"}."""
        return {secrets.noun(name) for own in self.names for name in own if secrets.strength(name)}

    @property
    def nouns_said(self) -> set[str]:
        """What the sides are, by all of their names."""
        return {secrets.noun(name) for own in self.names for name in own}

    @property
    def refuses(self) -> bool:
        """Whether somebody is refused by the comparison."""
        return surroundings.refuses(self.source, self.comparison.node)

    @property
    def qualified(self) -> bool:
        """Whether a side says what it is compared for: `expected_token`."""
        return any(QUALIFIED & set(words(name)) for own in self.names for name in own)


def of(source: Source, comparison: Comparison) -> Suspect:
    """A comparison as a suspect."""
    names = [secrets.names(source, side) for side in comparison.sides]
    if comparison.seeks:
        names[1] = [singular(name) for name in names[1]]
    around = surroundings.of(source, comparison.node)
    return Suspect(source=source, comparison=comparison, names=names, around=around)


def says_plain(comparison: Comparison) -> bool:
    """Whether a side says by its own name that it is no secret: a number, a type, a placeholder. It takes no time."""
    return any(secrets.says_plain(secrets.spoken_name(secrets.unwrapped(side))) for side in comparison.sides)


def is_plain(suspect: Suspect) -> bool:
    """Whether a side says that it is no secret by what it was made of, or the place that nobody is let in."""
    if suspect.around.pretends or suspect.around.judges:
        return True
    sides = zip(suspect.names, suspect.comparison.sides, strict=True)
    return any(secrets.says_plain(own[0]) for own, side in sides if own and not isinstance(side, ast.Tuple))


def is_of_records(suspect: Suspect, made: bool = False) -> bool:
    """Whether records are compared where nobody is served: by several of their fields or, but for what was made, one by one."""
    if _is_presented(suspect):
        return False
    repeated = not made and comparisons.is_repeated(suspect.source, suspect.comparison)
    return repeated or comparisons.is_one_of_several(suspect.source, suspect.comparison)


def are_typed_twice(suspect: Suspect) -> bool:
    """Whether a password is compared with what its author typed a second time."""
    return confirmations.are_typed_twice(suspect.source, suspect.comparison, suspect.names)


def may_be_literal(comparison: Comparison) -> bool:
    """Whether a side is called like what people log in with; to look closer takes long, and most comparisons have a literal."""
    named = (words(secrets.spoken_name(secrets.unwrapped(side)))[-1:] for side in comparison.sides)
    return not comparison.seeks and any(WRITTEN & set(last) for last in named)


def may_stand(node: ast.AST) -> bool:
    """Whether a comparison may be one of secrets, by its own text: two things that are no constants, or a password's name."""
    if not isinstance(node, ast.Compare):
        return True
    return any(
        may_be_literal(comparison) or not any(isinstance(side, ast.Constant) for side in comparison.sides)
        for comparison in comparisons.of(node)
    )


def is_literal(suspect: Suspect) -> bool:
    """Whether a password or token is compared with one that is written in the code, to let somebody in: `key == "hunter22"`."""
    sides, around = suspect.comparison.sides, suspect.around
    written = [side for side in sides if _is_written(suspect.source, side)]
    named = [own[0] for own, side in zip(suspect.names, sides, strict=True) if own and side not in written]
    if len(written) != 1 or suspect.comparison.operator == "case" or around.pretends:
        return False
    known = named and WRITTEN & {*words(named[0])[-1:]} and secrets.strength(named[0]) > 0
    lets_in = suspect.refuses or (around.admits and around.security and not around.other_trade)
    return bool(known) and lets_in and (suspect.external or any(_is_given(suspect.source, side) for side in sides))


def _is_given(source: Source, side: ast.expr) -> bool:
    """Whether a side is a parameter, or a field of one."""
    inner = secrets.unwrapped(side)
    owner = inner.value if isinstance(inner, ast.Attribute) else inner
    own = isinstance(owner, ast.Name) and owner.id not in ("self", "cls")
    return own and any(isinstance(binder, ast.arg) for binder in source.binders(owner.id, owner))  # type: ignore[attr-defined]


def _is_written(source: Source, side: ast.expr) -> bool:
    """Whether a side is text in the code that may be a password: `"hunter22"`, not `"basic "` or DEFAULT_KEY = "invalid key"."""
    written = values.origins(source, secrets.unwrapped(side))[-1]
    if not isinstance(written, ast.Constant) or not isinstance(written.value, str) or secrets.says_plain(secrets.spoken_name(side)):
        return False
    said = set(words(written.value))
    whole = len(written.value.strip()) == len(written.value) >= SHORTEST
    return whole and not said & (secrets.PLACEHOLDERS | surroundings.INVALID)


def is_secret(suspect: Suspect) -> bool:
    """Whether names, and the place they stand in, make a comparison one of secrets."""
    source, comparison, around = suspect.source, suspect.comparison, suspect.around
    if comparisons.is_filter(source, comparison) or (comparisons.is_fieldwise(source, comparison) and not around.admits):
        return False
    if around.changes or (around.local and not suspect.external) or is_of_records(suspect):
        return False
    if suspect.nouns <= SEEN_ONCE and comparisons.are_sent_together(suspect.source, comparison):
        return False
    if suspect.nouns <= BOUND and comparisons.is_one_of_many(source, comparison):
        return False
    if any(comparisons.is_earlier(source, side, around) for side in comparison.sides) or (
        comparison.seeks and not _is_listed(suspect)
    ):
        return False
    return [_is_unnamed_secret, _is_weak_secret, _is_strong_secret][suspect.best](suspect)


def is_reached(suspect: Suspect) -> bool:
    """Whether somebody outside may present what is compared, or is refused."""
    return _is_presented(suspect) or suspect.refuses


def _is_presented(suspect: Suspect) -> bool:
    """Whether somebody outside may present what is compared: this place verifies secrets, there is a request, or a server."""
    around = suspect.around
    says = around.verifies_secrets or around.compares_secrets or around.deciphers or _is_one_of_each(suspect)
    return says or suspect.external or surroundings.serves(suspect.source)


def _is_one_of_each(suspect: Suspect) -> bool:
    """Whether somebody is looked for by a secret: `user.api_key == api_key`, for each user."""
    sides = suspect.comparison.sides
    return min(suspect.strengths) == secrets.CERTAIN and any(comparisons.is_element(suspect.source, side) for side in sides)


def is_sought(suspect: Suspect, made: Made) -> bool:
    """Whether what was made is sought among secrets: not a random marker in a text, nor a signature among those seen before."""
    if made.random:
        return comparisons.is_listed(suspect.source, suspect.comparison.right)
    return suspect.around.verifies or suspect.around.security or suspect.external or suspect.best == secrets.CERTAIN


def _is_listed(suspect: Suspect) -> bool:
    """Whether a secret is sought among secrets, one by one."""
    around, comparison = suspect.around, suspect.comparison
    listed = around.verifies or suspect.external or comparisons.is_listed(suspect.source, comparison.right)
    seen_before = any(secrets.noun(name) in SEEN_ONCE for name in suspect.names[0][:1])  # it is no secret any more
    return listed and all(suspect.strengths) and not seen_before


def _is_strong_secret(suspect: Suspect) -> bool:
    """What nobody calls anything else, where security is spoken of."""
    around, sides = suspect.around, suspect.comparison.sides
    if comparisons.is_same_field(suspect.source, suspect.comparison) and not (
        around.verifies or suspect.external or suspect.refuses
    ):
        return False  # fetched.refresh_token != stored["refresh_token"]
    if around.verifies or around.security or suspect.external or any(map(values.is_setting, sides)) or suspect.refuses:
        return True
    return _is_one_of_each(suspect) or (min(suspect.strengths) == secrets.CERTAIN and suspect.qualified)


def _is_weak_secret(suspect: Suspect) -> bool:
    """What may be a lexer's token or a file's hash, only where something is verified."""
    comparison, around, nouns = suspect.comparison, suspect.around, suspect.nouns
    if nouns == {"authorization"}:
        return suspect.refuses  # else a client's own header
    if _is_something_else(suspect):
        return False
    both = all(suspect.strengths)
    if suspect.refuses or (both and suspect.external and nouns & CREDENTIALS):
        return True
    if any(comparisons.is_constant(side) for side in comparison.sides):
        return False  # a kind of token
    qualified = suspect.qualified or any(isinstance(secrets.unwrapped(side), ast.Call) for side in comparison.sides)
    if around.security and (around.verifies or both or qualified or suspect.external):
        return True
    return around.confirms and (both or (qualified and bool(nouns - computed.HASH_WORDS)))


def _is_something_else(suspect: Suspect) -> bool:
    """Whether a weak word means something else: the hash of a file, an address, the answer of a quiz, a state of a country."""
    source, comparison, around, nouns = suspect.source, suspect.comparison, suspect.around, suspect.nouns
    seen_once = {secrets.noun(own[0]) for own in suspect.names if own} & SEEN_ONCE
    owned = any(source.show(side).endswith("user.state") for side in comparison.sides)
    if around.other_trade or (seen_once and (owned or not suspect.external)):
        return True
    if comparisons.is_same_field(source, comparison) and not suspect.external:
        return True
    bare = {words(name) for own in suspect.names for name in own if secrets.strength(name)} == {("code",)}
    if bare and around.function & LOOKING_UP:
        return True
    if nouns <= {"answer"} and not (around.hides and (around.verifies or suspect.external)):
        return True
    if nouns <= computed.HASH_WORDS and _is_checksum(suspect):
        return True
    sent = suspect.external and not comparison.seeks
    if nouns <= (computed.HASH_WORDS if sent else computed.HASH_WORDS | SIGNATURES) and not _is_keyed(suspect):
        return True
    if nouns <= {"mac"} and (not suspect.refuses or len({own[0] for own in suspect.names if own}) == 1):
        return True
    origins = [origin for side in comparison.sides for origin in values.origins(source, secrets.unwrapped(side))[1:]]
    packed = any(isinstance(origin, ast.Tuple) for origin in origins)  # signature = (name, size)
    return packed or any(computed.is_opened(source, side) for side in comparison.sides)


def _is_keyed(suspect: Suspect) -> bool:
    """Whether something says that hashes and signatures are made with a key, or of what is secret, or are about a person."""
    source = suspect.source
    if KEYED & suspect.around.inside:
        return True
    here = source.function(suspect.comparison.node)
    parts: list[ast.AST] = [here.args] if here else []
    parts += [origin for side in suspect.comparison.sides for origin in values.origins(source, secrets.unwrapped(side))]
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


def _is_checksum(suspect: Suspect) -> bool:
    """Whether a hash is one of public data, or nothing says that it is not."""
    around = suspect.around
    hidden = around.hides or around.confirms or around.compares_secrets
    return not hidden or any(computed.is_public(suspect.source, side) for side in suspect.comparison.sides)


def _is_unnamed_secret(suspect: Suspect) -> bool:
    """`expected == given` in a function that compares secrets, by its own name; the tag of a cipher."""
    around = suspect.around
    if around.deciphers and all(own and secrets.noun(own[0]) in TAGS for own in suspect.names):
        return True
    return around.compares_secrets and around.security and all(own and set(own) <= GENERIC for own in suspect.names)
