"""Which settings are secret, by their names, and what is read from a configuration."""

from __future__ import annotations

import ast
import re

from holdfast.code import values
from holdfast.code.words import singular, words, wordset
from holdfast.secrets.names import CERTAIN, TAILS, spoken_name, spoken_words, strength, unwrapped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from holdfast.code.source import Source

CREDENTIALS = wordset("password passwd pwd passphrase passcode passw secret apikey pepper token")
# A key with one of these purposes is secret; a key may also be that of a dict, a table or a cookie.
PURPOSES = wordset("private encryption encrypt signing sign master jwt crypto fernet cipher aes hmac")
PUBLIC = wordset("public publishable pub csrf xsrf")
SWITCHES = wordset("use should with without show hide save store skip")
CONFIGURATIONS = wordset("config configuration conf cfg setting env environ")
ENVIRONMENT = wordset("os.getenv os.environ.get os.environ.setdefault os.environ.pop os.environ.__getitem__ environ.get")
CONSTANT = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*")
LOOKUPS = wordset("get pop setdefault")
REQUESTS = values.REQUEST_NAMES - {"environ"}
DEFAULTS = wordset("default fallback default_value")


def is_credential(identifier: str) -> bool:
    """Return whether a setting with this name is a secret: `DB_PASSWORD`, `signing_key`, but not `EMAIL_KEY`."""
    split = [word for word in spoken_words(identifier) if not word.isdigit()]
    core = [word for word in split if word not in TAILS] or split
    if not core or PUBLIC & set(split) or split[0] in SWITCHES:
        return False
    if core[-1] == "key":
        return strength(identifier) == CERTAIN or bool(PURPOSES & set(core[:-1]))
    return core[-1] == "pepper" or (core[-1] in CREDENTIALS and strength(identifier) > 0)


def is_configuration(node: ast.expr) -> bool:
    """Return whether an expression is named like a configuration: `settings`, `os.environ`, `get_settings()`."""
    if isinstance(node, ast.Call) and not node.args:
        node = node.func
    named = words(node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else "")
    return bool(named) and singular(named[-1]) in CONFIGURATIONS


def read(source: Source, call: ast.Call) -> tuple[str, ast.expr | None] | None:
    """Return the name of the setting that a call reads, and its default value; None if the call reads no setting.

    Functions of the project count by their signature: a name in upper case, and a default that comes second or by its name.
    """
    default = next((keyword.value for keyword in call.keywords if keyword.arg in DEFAULTS), None)
    match call:
        case ast.Call(func=ast.Name(id="getattr"), args=[held, ast.Constant(value=str(name)), *rest]):
            return (name, next(iter(rest), None)) if is_configuration(held) else None
        case ast.Call(args=[ast.Constant(value=str(name)), *rest]) if len(rest) < 3:
            default = default or next(iter(rest), None)
        case _:
            return None
    if source.qualname(call.func) in ENVIRONMENT:
        return name, default
    method = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    is_read = method == "setdefault" or not isinstance(source.parent(call), ast.Expr)  # else it is written
    if method in LOOKUPS:
        held_by = call.func.value if isinstance(call.func, ast.Attribute) else call.func
        return (name, default) if is_read and is_configuration(held_by) else None
    if not is_read or not CONSTANT.fullmatch(name) or _is_of_request(call):
        return None
    return (name, default) if _takes_default(source, call) else None


def _is_of_request(call: ast.Call) -> bool:
    """Whether a call reads what a request brings: `request.header("X")`."""
    return any(getattr(part, "id", getattr(part, "attr", "")) in REQUESTS for part in ast.walk(call.func))


def _takes_default(source: Source, call: ast.Call) -> bool:
    """Whether the second argument of a call is a default: by the signature, if the function is defined in this file."""
    function = values.called(source, call)
    if function is None:
        return True
    parameters = [arg.arg for arg in (*function.args.posonlyargs, *function.args.args) if arg.arg not in ("self", "cls")]
    parameters += [arg.arg for arg in function.args.kwonlyargs]
    return len(call.args) < 2 or any(wordset("default fallback") & set(words(name)) for name in parameters[1:2])


def configured_name(source: Source, expression: ast.expr) -> str:
    """Return the name of the setting that an expression stands for; "" for everything else."""
    for origin in values.origins(source, unwrapped(expression)):
        inner = unwrapped(origin)
        match inner:
            case ast.Call() if found := read(source, inner):
                return found[0]
            case ast.Attribute(value=held) | ast.Subscript(value=held, slice=ast.Constant(value=str())) if is_configuration(held):
                return spoken_name(inner)
    return ""
