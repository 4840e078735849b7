"""The language of the texts in an answer."""

from __future__ import annotations

from flask import request

from policyservice.api.context import runtime
from policyservice.domain.vocabulary import LANGUAGES


def language() -> str:
    """What Accept-Language prefers among the languages there are, else the language of the settings.

    A range such as "fi-FI" is met by "fi".
    """
    default = runtime().settings.language
    wanted = request.accept_languages
    if not wanted:
        return default
    # The default first: where two are equally welcome, it is taken.
    offered = sorted(LANGUAGES, key=lambda name: name != default)
    return wanted.best_match(offered) or default
