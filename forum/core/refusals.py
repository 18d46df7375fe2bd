"""The sentences behind the codes with which rules refuse."""

from collections.abc import Callable

from flask_babel import gettext as _

from .errors import Refused

Teller = Callable[[Refused], list[str]]
_tellers: dict[str, Teller] = {}


def tells(*codes: str) -> Callable[[Teller], Teller]:
    """Register the function that says in words why a rule refused."""

    def register(teller: Teller) -> Teller:
        for code in codes:
            _tellers[code] = teller
        return teller

    return register


def sentences_for(refused: Refused) -> list[str]:
    """What happened, in whole sentences; a code without words is said to be refused."""
    if refused.code in _tellers:
        return _tellers[refused.code](refused)
    return [_("This is not possible now. Nothing was changed.")]
