"""What shows that a comparison lets nobody in: first by what the code does, then by what names say."""

from __future__ import annotations

import ast

from holdfast.code import values
from holdfast.code.words import words, wordset
from holdfast.rule import STRUCTURE, WORDS, Silencer
from holdfast.rules.constant_time_compare import place, signs, typed_twice
from holdfast.rules.constant_time_compare.comparisons import Comparison, owner, spelling
from holdfast.secrets import made as computed, names as secrets
from holdfast.secrets.names import CERTAIN

EQUALITY = wordset("__eq__ __ne__ __hash__ __lt__ __contains__")
QUERY_CALLS = wordset("filter filter_by where having select exclude join outerjoin on and_ or_ not_ case exists query delete")
FORM_CHECKS = wordset("validator field_validator root_validator model_validator validates validates_schema")
TELLING = wordset(
    "log logger logging debug info warning warn error exception critical print write echo fail failed failure abort reject deny "
    "refuse flash message format len str repr bytes hex audit report notify"
)
STORING = wordset("set update change save store put refresh rotate sync add append cache remember")
NOTED = wordset("changed change dirty modified updated stale current same existing needed")
CHANGED = wordset("changed stale outdated obsolete superseded drift drifted conflict conflicting race")
DENIED = wordset("not cannot nothing no")
HTTP_CONFLICT = 409
TAKEN = wordset("already exists exist duplicate duplicated")
LACKING = wordset("ImportError ModuleNotFoundError AttributeError NameError")
EARLIER = wordset(
    "cached rejected snapshot merged want have desired proposed wanted facts legacy default defaults failed previous prev "
    "current cur old new last refreshed stale exchanged unsaved discovered parsed origin url reread"
)
NOT_EARLIER = wordset("user app request identity")
LOOKUPS = wordset("get find fetch load lookup select query pop read")
LOOKED_UP = (("header",), ("headers",), ("cache",))
MAPPINGS = wordset("dict defaultdict OrderedDict LRU LRUCache TTLCache Cache WeakValueDictionary BTree OOBTree")
TIDIED = wordset("raw normalized original cleaned stripped trimmed sanitized")
MEASURES = wordset("len type hash id set list dict sorted int float bool")
SIGNATURES = wordset("sig signature")
ONE_TIME_STATE = wordset("state nonce challenge")
KEYED = wordset(
    "key keys secret secrets hmac mac salt sign password passwd pwd token otp code apikey webhook credential credentials "
    "pin bcrypt hashpw crypt email user login authenticate confirm confirmation reset invite activation session"
)
DEPTH = 4


# -- by what the code does


def is_plain_value(comparison: Comparison) -> bool:
    """Whether a side is a constant, a number, a type or a collection: no secret's value, but where a literal lets in."""
    if signs.literal_password_refused(comparison) or signs.literal_password(comparison):
        return False
    left, right = comparison.sides
    if _is_plain(comparison, left, comparison.is_search) or _is_plain(comparison, right, False):
        return True
    return any(map(_is_assigned_plain, (origins[1:] for origins in comparison.origins)))


def _is_plain(comparison: Comparison, side: ast.expr, is_sought: bool) -> bool:
    inner = secrets.unwrapped(side)
    match inner:
        case ast.Constant() | ast.Dict() | ast.UnaryOp() | ast.BinOp(right=ast.Constant(value=int())):
            return True
        case ast.List(elts=parts) | ast.Set(elts=parts) | ast.Tuple(elts=parts):
            return all(_is_plain(comparison, part, is_sought) for part in parts)
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)) if name[:1].isupper() and not name.isupper():
            return True  # an object
        case ast.Call(func=ast.Name(id=name)) if name in MEASURES:
            return True
        case ast.Attribute(attr=name, value=held) if name[:1].isupper():
            return not _is_configuration(secrets.spoken_name(held))
        case ast.Attribute(value=ast.Name(id=held) | ast.Attribute(attr=held)) if held[:1].isupper() and not held.isupper():
            return not _is_configuration(held)  # a column or an enumerated value
        case ast.Name(id=name) if name[:1].isupper() and not name.isupper():
            local = [binder for binder in comparison.source.binders(name, inner) if not isinstance(binder, ast.alias)]
            return not (secrets.strength(name) == CERTAIN and any(map(comparison.source.function, local)))  # a class
        case ast.Name(id=name) if name.isupper() and not values.of(comparison.source, inner):
            return is_sought or not secrets.strength(name)
    return False


def _is_configuration(held: str) -> bool:
    """Whether a thing is a configuration, by its name: what is in it is no enumerated value."""
    said = set(words(held))
    return bool(said & {"settings", "config", "conf", "cfg", "env"}) and not said & {"enum", "key", "keys", "names"}


def _is_assigned_plain(origins: list[ast.expr]) -> bool:
    plain = (isinstance(one, ast.Dict | ast.DictComp) or (isinstance(one, ast.Constant) and bool(one.value)) for one in origins)
    return bool(origins) and all(plain)


def is_equality_method(comparison: Comparison) -> bool:
    """Whether the comparison is in `__eq__` or the like."""
    around = comparison.source.ancestors(comparison.node)
    return any(isinstance(above, ast.FunctionDef) and above.name in EQUALITY for above in around)


def is_query(comparison: Comparison) -> bool:
    """Whether the comparison builds a database query: `User.api_key == key` in `filter(...)`."""
    calls = (above for above in comparison.source.ancestors(comparison.node) if isinstance(above, ast.Call))
    return any(
        secrets.spoken_name(call.func) in QUERY_CALLS and comparison.source.qualname(call.func) != "builtins.filter"
        for call in calls
    )


def is_assertion(comparison: Comparison) -> bool:
    """Whether the comparison is asserted; in a function that verifies, an assert verifies."""
    asserted = any(isinstance(above, ast.Assert) for above in comparison.source.ancestors(comparison.node))
    return asserted and not comparison.place.confirms


def is_form_check(comparison: Comparison) -> bool:
    """Whether the comparison is in a validator of a form or model, whose fields have one author."""
    functions = (above for above in comparison.source.ancestors(comparison.node) if isinstance(above, ast.FunctionDef))
    decorators = (decorator for function in functions for decorator in function.decorator_list)
    return any(secrets.spoken_name(getattr(decorator, "func", decorator)) in FORM_CHECKS for decorator in decorators)


def is_fallback(comparison: Comparison) -> bool:
    """Whether the comparison stands in where Python has no compare_digest: `if hasattr(hmac, "compare_digest"): ... else: ...`."""
    source = comparison.source
    for above in source.ancestors(comparison.node):
        if isinstance(above, ast.If):
            asked: list[object] = [node.value for node in ast.walk(above.test) if isinstance(node, ast.Constant)]
        elif isinstance(above, ast.ExceptHandler) and _is_for_lack(above) and isinstance(tried := source.parent(above), ast.Try):
            nodes = [node for part in tried.body for node in ast.walk(part)]
            asked = [node.name if isinstance(node, ast.alias) else getattr(node, "attr", "") for node in nodes]
        else:
            continue
        if "compare_digest" in asked:
            return True
    return False


def _is_for_lack(handler: ast.ExceptHandler) -> bool:
    """Whether a handler is for what Python lacks; a TypeError of compare_digest is brought about by letters beyond ASCII."""
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type] if handler.type else []
    return bool(kinds) and all(secrets.spoken_name(kind) in LACKING for kind in kinds)


def is_double_hmac(comparison: Comparison) -> bool:
    """Whether both sides are MACs made here by one key: where two MACs of MACs begin to differ says nothing."""
    return len(comparison.made) > 1 and computed.are_blinded(comparison.source, comparison.sides)


def is_round_trip(comparison: Comparison) -> bool:
    """Whether a side is made of the other one alone, to see what that changed: `decoded.encode() == token`."""
    spelled = [set(words(side.id)) for side in comparison.sides if isinstance(side, ast.Name)]
    if len(spelled) == 2 and set() < spelled[0] ^ spelled[1] <= TIDIED:
        return True  # normalized_key != raw_key
    for side, other in comparison.both_ways:
        whole = other.value if isinstance(other, ast.Subscript) and isinstance(other.slice, ast.Slice) else other
        if isinstance(whole, ast.Name) and _is_made_of(comparison, side, whole, DEPTH):
            return True
        wrapped = (secrets.unwrapped(origin) for origin in values.origins(comparison.source, side))
        if isinstance(other, ast.Attribute) and spelling(secrets.unwrapped(other)) in map(spelling, wrapped):
            return True
    return False


def _is_made_of(comparison: Comparison, expression: ast.expr, whole: ast.Name, depth: int) -> bool:
    """Whether all that goes into an expression is one variable and constants: a key or a user would make it a verification."""
    source = comparison.source
    nodes = list(ast.walk(expression))
    callees = {node.func for node in nodes if isinstance(node, ast.Call)}
    owners = {node.value for node in callees if isinstance(node, ast.Attribute)}
    looked_up = any(LOOKUPS & set(words(secrets.spoken_name(callee))) for callee in callees)
    looked_up = looked_up or any(isinstance(node, ast.Attribute) and node not in callees and node not in owners for node in nodes)
    parts = [node for node in nodes if isinstance(node, ast.Name) and node not in callees]
    parts = [node for node in parts if node not in owners or source.qualname(node) is None]  # base64.b64encode(token)
    return bool(parts) and not looked_up and all(_is_part(comparison, part, whole, depth) for part in parts)


def _is_part(comparison: Comparison, part: ast.Name, whole: ast.Name, depth: int) -> bool:
    source = comparison.source
    if part.id == whole.id and source.binders(part.id, part) == source.binders(whole.id, whole):
        return True
    assigned = values.of(source, part)
    parts = [value for value in assigned if not isinstance(value, ast.Constant)]
    return depth > 0 and bool(parts) and all(_is_made_of(comparison, value, whole, depth - 1) for value in parts)


def is_key_of_mapping(comparison: Comparison) -> bool:
    """Whether something is looked up by its hash, or among names: `token in cache.keys()`, `header in allowed_headers`."""
    if not comparison.is_search:
        return False
    if any(words(secrets.spoken_name(side))[-1:] in LOOKED_UP for side in comparison.sides):
        return True
    return any(
        isinstance(origin, ast.Dict | ast.DictComp)
        or secrets.spoken_name(origin) == "keys"
        or (isinstance(origin, ast.Call) and (comparison.source.qualname(origin.func) or "").split(".")[-1] in MAPPINGS)
        for origin in comparison.origins[1]
    )


def is_filter(comparison: Comparison) -> bool:
    """Whether `!=` leaves something out: `[state for state in states if state != used]`, `filter(lambda ...)`."""
    source = comparison.source
    above = source.parent(comparison.node)
    if isinstance(above, ast.BoolOp) and isinstance(above.op, ast.And):
        above = source.parent(above)
    match above, source.parent(above) if above else None:
        case ast.comprehension(target=ast.Name(id=each)), ast.ListComp(elt=ast.Name(id=kept)) if each == kept:
            return True
    return comparison.operator == "!=" and isinstance(above, ast.comprehension | ast.Lambda)


def is_put_away(comparison: Comparison) -> bool:
    """Whether one side takes the place of the other, is stored, or tells another one apart: `if new != token: token = new`."""
    for above in comparison.source.ancestors(comparison.node):
        match above:
            case ast.Assign(targets=[target]) if NOTED & set(words(secrets.spoken_name(target))):
                return True
            case ast.While(test=test) if comparison.is_equality and _decides(comparison, test):
                return True  # another one is made
            case ast.IfExp(test=test, body=ast.Constant(value=str()), orelse=ast.Constant(value=str())) if _decides(
                comparison, test
            ):
                return True  # only says where it comes from
            case ast.If(test=test) if _decides(comparison, test):
                return _is_taken_over(comparison, above.body)
    return False


def _decides(comparison: Comparison, test: ast.expr) -> bool:
    """Whether a comparison is a test, or one of the conditions of which it is made."""
    node = comparison.node
    while node is not test and isinstance(above := comparison.source.parent(node), ast.BoolOp):
        node = above
    return node is test


def _is_taken_over(comparison: Comparison, body: list[ast.stmt]) -> bool:
    sides = set(map(spelling, comparison.sides))
    assigned = [part for part in body if isinstance(part, ast.Assign)]
    given = [part.value for part in assigned] if comparison.operator == "!=" and len(assigned) == len(body) else []
    if {spelling(part) for part in (*(target for part in assigned for target in part.targets), *given)} & sides:
        return True  # if self.token != token: self.token = token
    differs = comparison.operator == "!=" and not comparison.refusal
    for statement in body:
        for call in (node for node in ast.walk(statement) if isinstance(node, ast.Call)):
            said = set(words(secrets.spoken_name(call.func)))
            uses = differs and not said & TELLING and not isinstance(statement, ast.Raise)
            passed = {spelling(value) for value in (*call.args, *(word.value for word in call.keywords))}
            if (uses or said & STORING) and passed & sides:
                return True
    return comparison.is_equality and comparison.operator != "case" and _refuses_the_same(body)


def _refuses_the_same(body: list[ast.stmt]) -> bool:
    """Whether somebody is refused because two things are the same: `return "exists already"`, `raise`, `return False`."""
    says = ast.walk(body[0]) if isinstance(body[0], ast.Return) else ()
    taken = any(isinstance(node, ast.Constant) and TAKEN & set(words(str(node.value))) for node in says)
    denied = isinstance(body[0], ast.Return) and isinstance(body[0].value, ast.Constant) and body[0].value.value is False
    return taken or denied or isinstance(body[0], ast.Raise)


# -- by what names say


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


SILENCERS = (
    Silencer("plain-value", STRUCTURE, "a side is a constant, a number, a type or a collection", is_plain_value),
    Silencer("equality-method", STRUCTURE, "the comparison is in `__eq__` or the like", is_equality_method),
    Silencer("query", STRUCTURE, "the comparison builds a database query", is_query),
    Silencer("assertion", STRUCTURE, "the comparison is asserted", is_assertion),
    Silencer("form-check", STRUCTURE, "the comparison is in a form's or model's validator", is_form_check),
    Silencer("typed-twice", STRUCTURE, "both sides are typed by one person", typed_twice.is_typed_twice),
    Silencer("fallback", STRUCTURE, "the comparison stands in for compare_digest", is_fallback),
    Silencer("double-hmac", STRUCTURE, "both sides are MACs made here by one key", is_double_hmac),
    Silencer("round-trip", STRUCTURE, "one side is made of the other alone", is_round_trip),
    Silencer("key-of-mapping", STRUCTURE, "something is looked up by its hash, or among names", is_key_of_mapping),
    Silencer("filter", STRUCTURE, "the comparison leaves out or picks elements of a list", is_filter),
    Silencer("put-away", STRUCTURE, "one side takes the place of the other", is_put_away),
    Silencer("says-plain", WORDS, "a side is named for something else", says_plain),
    Silencer("enumerated", WORDS, "a constant repeats the name of what it is a value of", is_enumerated),
    Silencer("policy", WORDS, "the place is named for judging secrets", is_policy),
    Silencer("command-line", WORDS, "the place is named for a command line", is_command_line),
    Silencer("said-to-have-changed", WORDS, "the answer is that something changed", is_said_to_have_changed),
    Silencer("earlier-state", WORDS, "a side is named for another state of the same thing", is_earlier_state),
    Silencer("same-field", WORDS, "two things are compared by one of their fields", is_same_field),
    Silencer("other-trade", WORDS, "a weak word means something else here", is_other_trade),
    Silencer("public-digest", WORDS, "the hash or signature is one of public data", is_public_digest),
    Silencer("reached-by-nobody", WORDS, "nobody outside can present what is compared", is_reached_by_nobody),
)
STATE = Silencer("one-time-state", WORDS, "a one-time state or verifier is held in a session", is_one_time_state)
"""Switched off by the option `state`."""
