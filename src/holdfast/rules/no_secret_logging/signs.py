"""What shows that a value is a secret."""

from __future__ import annotations

import ast

from holdfast.code import values
from holdfast.code.words import wordset
from holdfast.rule import HARD, SOFT, Sign
from holdfast.rules.no_secret_logging.shown import Shown
from holdfast.secrets import settings
from holdfast.secrets.names import CERTAIN, noun, strength

ALSO_LOGGED = wordset("otp totp credentials authorization")


def unwrapped_secret(shown: Shown) -> str:
    """What `get_secret_value()` of SecretStr returns."""
    for origin in values.origins(shown.source, shown.value):
        if isinstance(origin, ast.Call) and isinstance(origin.func, ast.Attribute) and origin.func.attr == "get_secret_value":
            return "get_secret_value() takes it out of the type that hides it"
    return ""


def configured_secret(shown: Shown) -> str:
    """A setting that is named like a secret."""
    value = shown.value
    named = settings.configured_name(shown.source, value)
    return f"it is the setting `{named}`" if named and settings.is_credential(named) else ""


def secret_name(shown: Shown) -> str:
    """A name that only a secret has."""
    return f"`{shown.name}` is named like a secret" if is_secret(shown.name) and strength(shown.name) == CERTAIN else ""


def token_name(shown: Shown) -> str:
    """A name that may mean something else."""
    return f"`{shown.name}` is named like a secret" if is_secret(shown.name) else ""


def is_secret(name: str) -> bool:
    """Whether a value with this name is a secret: not a signature, a hash or a state."""
    return bool(name) and (settings.is_credential(name) or (noun(name) in ALSO_LOGGED and strength(name) > 0))


SIGNS = (
    Sign("unwrapped-secret", HARD, "the value is taken out of SecretStr", unwrapped_secret),
    Sign("configured-secret", SOFT, "the value is a setting that is named like a secret", configured_secret),
    Sign("secret-name", SOFT, "the value has a name that only secrets have", secret_name),
    Sign("token-name", SOFT, "the value is named like a token", token_name),
)
