"""What shows that a fallback lets nobody in."""

from __future__ import annotations

import ast
import re

from holdfast.code.words import words, wordset
from holdfast.rule import STRUCTURE, WORDS, Silencer
from holdfast.rules.no_secret_fallback import fallbacks
from holdfast.rules.no_secret_fallback.fallbacks import EMPTY, PARAMETER, Fallback
from holdfast.rules.no_secret_fallback.signs import URL

PLAIN_TEXT = re.compile(
    r"(?i)true|false|yes|no|on|off|\{\}|\[\]"  # values of switches, empty JSON
    r"|.*(\{\{.*\}\}|\$\{.*\}|<[\w -]+>).*"  # placeholders of templates
    r"|(?!.*://[^/]*@)(https?://|\.{0,2}/).*"  # URLs without a password, and paths
    r"|[a-z_]\w*(\.[a-z_]\w*)+"  # dotted names
)
LOCAL = wordset("localhost 127.0.0.1 [::1] 0.0.0.0 host.docker.internal")
DATABASES = wordset("db database postgres postgresql pg mysql mariadb mongo mongodb redis rabbitmq amqp broker sql mssql oracle")
DEVELOPMENT = wordset("dev devel development devstack debug local localdev test tests testing e2e ci smoketest")
ILLUSTRATIONS = wordset("example examples sample samples demo docs tutorial tutorials notebooks scripts")
NOTHING = wordset("no not none null unused empty na dummy fake anonymous")
EXAMPLE_HOST = re.compile(r"(^|.*\.)example(\.(com|org|net))?")


def is_guarded(fallback: Fallback) -> bool:
    """Whether the module raises an exception, or exits, if the placeholder is still there or the setting is missing."""
    source = fallback.source
    target = fallbacks.target(fallback)
    for guard in source.nodes(ast.If, ast.Assert):
        if isinstance(guard, ast.If) and not any(_leaves(part) for statement in guard.body for part in ast.walk(statement)):
            continue
        parts = [part for part in ast.walk(guard.test) if isinstance(part, ast.expr) and part is not fallback.node]
        texts = {text for part in parts if (text := fallbacks.literal(source, part))}
        names = {fallbacks.written(part) for part in parts if isinstance(part, ast.Name | ast.Attribute)}
        if fallback.text in texts or fallback.name in texts:
            return True
        if target in names and any(text in fallback.text for text in texts):
            return True
    return False


def _leaves(node: ast.AST) -> bool:
    match node:
        case ast.Raise() | ast.Call(func=ast.Attribute(attr="exit", value=ast.Name(id="sys"))):
            return True
    return False


def is_cast(fallback: Fallback) -> bool:
    """Whether the value becomes a number or a boolean."""
    return fallbacks.is_cast(fallback)


def is_plain_text(fallback: Fallback) -> bool:
    """Whether the literal is a switch, a path, a URL, a dotted name or a placeholder of a template."""
    return bool(PLAIN_TEXT.fullmatch(fallback.text.strip()))


def is_local_database(fallback: Fallback) -> bool:
    """Whether the secret is the password of a database whose default host is this one, or is not known."""
    url = URL.match(fallback.text)
    if url:
        return url["host"].lower() in LOCAL or not url["host"]
    if not DATABASES & set(words(fallback.name)) and not DATABASES & set(words(fallbacks.target(fallback))):
        return False
    hosts = list(_hosts(fallback))
    return not hosts or any(host.lower() in LOCAL or not host for host in hosts)


def _hosts(fallback: Fallback) -> list[str]:
    """The default hosts of the database: in the same dict, or of the settings with the same first words."""
    source = fallback.source
    above = source.enclosing(fallback.node, ast.Dict, ast.FunctionDef, ast.ClassDef)
    if isinstance(above, ast.Dict):
        pairs = zip(above.keys, above.values, strict=True)
        hosts = [value for key, value in pairs if isinstance(key, ast.Constant) and str(key.value).lower() == "host"]
        if hosts:
            return [_default_text(fallback, host) for host in hosts]
    stem = words(fallback.name)[:-1]
    others = fallbacks.every(source, {})
    return [one.text for one in others if words(one.name) in ((*stem, "host"), (*stem, "hostname"), (*stem, "server"))]


def _default_text(fallback: Fallback, host: ast.expr) -> str:
    found = [one.text for one in fallbacks.every(fallback.source, {}) if one.node is host]
    return found[0] if found else fallbacks.literal(fallback.source, host)


def is_example_host(fallback: Fallback) -> bool:
    """Whether the URL is one of the hosts that exist for documentation only."""
    url = URL.match(fallback.text)
    return bool(url and (EXAMPLE_HOST.fullmatch(url["host"]) or "{" in url["password"]))


def is_development(fallback: Fallback) -> bool:
    """Whether the file or a condition around is named for development, tests or examples."""
    source = fallback.source
    folders, _, _ = source.path.lower().rpartition("/")
    if DEVELOPMENT & set(re.split(r"[/_.-]", source.path.lower())) or ILLUSTRATIONS & set(re.split(r"[/_.-]", folders)):
        return True
    classes = (above.name for above in source.ancestors(fallback.node) if isinstance(above, ast.ClassDef))
    if any(DEVELOPMENT & {*words(name)[:1], *words(name)[-1:]} for name in classes):
        return True
    below: ast.AST = fallback.node
    for above in source.ancestors(fallback.node):
        if isinstance(above, ast.If | ast.IfExp) and below is not above.test:
            tested = {word for part in ast.walk(above.test) for word in words(fallbacks.written(part))}
            if tested & (DEVELOPMENT | {"production", "prod"}):
                return True
        below = above
    return False


def says_nothing(fallback: Fallback) -> bool:
    """Whether the default of a parameter says that there is no secret, or names the field that holds one."""
    said = words(fallback.text)
    repeats = set(words(fallback.name)) <= set(said) and len(said) > 1
    return fallback.form == PARAMETER and (not said or bool(NOTHING & set(said)) or repeats)


def is_client_key(fallback: Fallback) -> bool:
    """Whether a client presents the key, and an empty one is replaced: many services want one and do not check it."""
    return fallback.form in (EMPTY, PARAMETER) and words(fallback.name)[-2:] == ("api", "key")


LOCAL_DATABASE = Silencer("local-database", STRUCTURE, "the default host of the database is this one", is_local_database)
SILENCERS = (
    Silencer("guarded", STRUCTURE, "the module raises if the placeholder is still there", is_guarded),
    Silencer("cast", STRUCTURE, "the value becomes a number or a boolean", is_cast),
    Silencer("plain-text", STRUCTURE, "the literal is a switch, a path, a URL or a placeholder of a template", is_plain_text),
    LOCAL_DATABASE,
    Silencer("example-host", STRUCTURE, "the URL is one for documentation", is_example_host),
    Silencer("development", WORDS, "the place is named for development, tests or examples", is_development),
    Silencer("client-key", WORDS, "a client must present some API key, and none is set", is_client_key),
    Silencer("says-nothing", WORDS, "the default says that there is no secret, or names a field", says_nothing),
)
