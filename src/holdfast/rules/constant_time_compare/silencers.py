"""What shows that a comparison lets nobody in: first what the code does, then what names say."""

from __future__ import annotations

from holdfast.rule import STRUCTURE, WORDS, Silencer
from holdfast.rules.constant_time_compare import structure, typed_twice, wording

SILENCERS = (
    Silencer("plain-value", STRUCTURE, "a side is a constant, a number, a type or a collection", structure.is_plain_value),
    Silencer("assigned-plain", STRUCTURE, "a side was assigned only constants", structure.is_assigned_plain),
    Silencer("equality-method", STRUCTURE, "the comparison is in `__eq__` or the like", structure.is_equality_method),
    Silencer("query", STRUCTURE, "the comparison builds a database query", structure.is_query),
    Silencer("assertion", STRUCTURE, "the comparison is asserted", structure.is_assertion),
    Silencer("form-check", STRUCTURE, "the comparison is in a form's or model's validator", structure.is_form_check),
    Silencer("typed-twice", STRUCTURE, "both sides are typed by one person", typed_twice.is_typed_twice),
    Silencer("fallback", STRUCTURE, "the comparison stands in for compare_digest", structure.is_fallback),
    Silencer("double-hmac", STRUCTURE, "both sides are MACs made here by one key", structure.is_double_hmac),
    Silencer("round-trip", STRUCTURE, "one side is made of the other alone", structure.is_round_trip),
    Silencer("key-of-mapping", STRUCTURE, "something is looked up by its hash, or among names", structure.is_key_of_mapping),
    Silencer("filter", STRUCTURE, "the comparison leaves out or picks elements of a list", structure.is_filter),
    Silencer("put-away", STRUCTURE, "one side takes the place of the other", structure.is_put_away),
    Silencer("says-plain", WORDS, "a side is named for something else", wording.says_plain),
    Silencer("enumerated", WORDS, "a constant repeats the name of what it is a value of", wording.is_enumerated),
    Silencer("policy", WORDS, "the place is named for judging secrets", wording.is_policy),
    Silencer("command-line", WORDS, "the place is named for a command line", wording.is_command_line),
    Silencer("said-to-have-changed", WORDS, "the answer is that something changed", wording.is_said_to_have_changed),
    Silencer("earlier-state", WORDS, "a side is named for another state of the same thing", wording.is_earlier_state),
    Silencer("same-field", WORDS, "two things are compared by one of their fields", wording.is_same_field),
    Silencer("other-trade", WORDS, "a weak word means something else here", wording.is_other_trade),
    Silencer("public-digest", WORDS, "the hash or signature is one of public data", wording.is_public_digest),
    Silencer("reached-by-nobody", WORDS, "nobody outside can present what is compared", wording.is_reached_by_nobody),
    Silencer("one-time-state", WORDS, "a one-time state is held in a session (option `state`)", wording.is_one_time_state),
)
