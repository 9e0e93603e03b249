"""Whether a password is compared with what its author typed a second time: a form's confirmation, a prompt's."""

from __future__ import annotations

import ast
import re

from holdfast.code import values
from holdfast.code.words import words, wordset
from holdfast.rules.constant_time_compare.comparisons import Comparison, spelling
from holdfast.secrets import names as secrets

SPELLINGS = wordset(
    "confirm confirmation confirmed cnf cfm confirmar confirmacion confirmacao repeat repeated repetir repetida retype "
    "retyped again verify verification match twice dup copy new old original current 1 2 v one two first second ctl check"
)
CONFIRMATIONS = wordset("confirm confirmation confirmed confirmacion repeat repeated retype retyped verify again")
GLUED = r"(re|r|c|confirm|repeat|retype|verify)?(password|passwd|pass|pwd)(confirm|confirmation|again|repeat)?"
PASSWORDS = wordset("password passwords passwd pwd pass")
FORMS = re.compile(r"(^|\.)(form|POST|data|json|args|values|params|cleaned_data|validated_data|attrs|payload|body|get_json\(\))$")
ASKED = wordset("builtins.input getpass.getpass click.prompt typer.prompt")  # what the person at the keyboard types


def is_typed_twice(comparison: Comparison) -> bool:
    """Whether one person types both sides: by their names, as fields of a form, or at a prompt."""
    names = comparison.names
    if any(are_spellings(first, second) for first in names[0] for second in names[1]):
        return True
    owners = [secrets.spoken_name(side.value) for side in comparison.sides if isinstance(side, ast.Attribute)]
    if len(owners) == 2 and are_spellings(*owners):
        return True  # form.password.value != form.password2.value
    sides = [values.origins(comparison.source, secrets.unwrapped(side))[-1] for side in comparison.sides]
    if any(isinstance(side, ast.Call) and comparison.source.qualname(side.func) in ASKED for side in sides):
        return True
    forms = [_form(side) for side in sides]
    return forms[0] == forms[1] != "" and all(PASSWORDS & set(words(secrets.spoken_name(side))) for side in sides)


def are_spellings(left: str, right: str) -> bool:
    """Whether two names are spellings of one password in a form: `password` and `password2`, `confirm` or `re_password`."""
    shorter, longer = sorted((words(left), words(right)), key=len)
    if longer and longer[:-1] == shorter and longer[-1] in CONFIRMATIONS and secrets.strength(left):
        return True  # api_key_confirm
    first, second = _parts_of(left), _parts_of(right)
    if any(one and one <= CONFIRMATIONS and other & secrets.STRONG for one, other in ((first, second), (second, first))):
        return True
    same, different = first & second & secrets.STRONG, first ^ second
    again = different == {"re"} and not first & second - same
    return bool(same) and (again or (bool(different - {"old", "current"}) and different <= SPELLINGS))


def _parts_of(name: str) -> set[str]:
    """The words of a name, also those that are written together: `repassword` and `passwordconfirm` are two each."""
    found: set[str] = set()
    for word in words(re.sub(r"_conf$", "_confirm", name)):
        glued = re.fullmatch(GLUED, word)
        found |= {glued[2], *(["again"] if glued[1] or glued[3] else [])} if glued else {word}
    return found


def _form(side: ast.expr) -> str:
    """What was sent together, of which a side is a field: "request.form" for `request.form["password"]`; "" for others."""
    match secrets.unwrapped(side):
        case ast.Subscript(value=held) | ast.Call(func=ast.Attribute(attr="get" | "pop", value=held)):
            spelled = spelling(held)
            return spelled if FORMS.search(spelled) else ""
    return ""
