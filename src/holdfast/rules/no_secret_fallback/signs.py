"""What shows that a fallback is a secret in the code."""

from __future__ import annotations

import re

from holdfast.rule import HARD, SOFT, Sign
from holdfast.rules.no_secret_fallback.fallbacks import EMPTY, FIELD, PARAMETER, READ, Fallback
from holdfast.secrets.names import CERTAIN, strength
from holdfast.secrets.settings import is_credential

URL = re.compile(r"[A-Za-z][\w+.-]*://[^/\s:@]*:(?P<password>[^/\s@]+)@(?P<host>\[[^\]]*\]|[^/\s:?,]*)")
"""A URL with a password."""


def insecure_backend(fallback: Fallback) -> str:
    """A configured value of a configured setting."""
    values = fallback.insecure.get(fallback.name, "").split(",")
    return "the configuration names its default as insecure" if fallback.text in filter(None, map(str.strip, values)) else ""


def default_of_read(fallback: Fallback) -> str:
    """The default of an environment variable or a setting that is named like a secret."""
    return _of_form(fallback, READ, "if it is not set, a literal from the code is used")


def default_of_empty(fallback: Fallback) -> str:
    """The other side of an `or`, or of an `if`, if a setting is empty."""
    return _of_form(fallback, EMPTY, "if it is empty, a literal from the code is used")


def default_of_field(fallback: Fallback) -> str:
    """The default of a field of a settings class."""
    return _of_form(fallback, FIELD, "if it is not set, the field has a literal from the code")


def password_in_url(fallback: Fallback) -> str:
    """A URL with a password."""
    return "its default is a URL with a password" if URL.match(fallback.text) else ""


def default_of_parameter(fallback: Fallback) -> str:
    """The default of a parameter that only a secret would have as its name."""
    is_certain = strength(fallback.name) == CERTAIN
    return _of_form(fallback, PARAMETER, "callers who pass nothing get a literal from the code") if is_certain else ""


def _of_form(fallback: Fallback, form: str, reason: str) -> str:
    return reason if fallback.form == form and is_credential(fallback.name) else ""


SIGNS = (
    Sign("insecure-backend", HARD, "the option `insecure` names the default", insecure_backend),
    Sign("password-in-url", SOFT, "the default is a URL with a password", password_in_url),
    Sign("default-of-read", SOFT, "a secret setting that is read has a literal default", default_of_read),
    Sign("default-of-empty", SOFT, "an empty secret setting is replaced by a literal", default_of_empty),
    Sign("default-of-field", SOFT, "a secret field of a settings class has a literal default", default_of_field),
    Sign("default-of-parameter", SOFT, "a secret parameter has a literal default", default_of_parameter),
)
