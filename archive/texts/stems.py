"""The stem of a word, as the Snowball algorithm of its language has it (snowballstem.org): what its forms share."""

import sys
from collections.abc import Callable
from functools import cache
from importlib import import_module
from importlib.util import find_spec, module_from_spec

_PACKAGE = "snowballstemmer"


def stem(word: str, algorithm: str) -> str:
    """Return the stem of a word in small letters, accents kept; `algorithm` is Snowball's name, such as `french`."""
    return _stemmer(algorithm)(word)


@cache
def _stemmer(algorithm: str) -> Callable[[str], str]:
    module = _loaded(f"{_PACKAGE}.{algorithm}_stemmer")
    found: Callable[[str], str] = getattr(module, f"{algorithm.capitalize()}Stemmer")().stemWord
    return found


def _loaded(name: str) -> object:
    """Import one module of the package, past its door: that imports 36 languages, for a tenth of a second."""
    spec = find_spec(_PACKAGE)
    assert spec is not None
    known = sys.modules.get(_PACKAGE)
    sys.modules[_PACKAGE] = known or module_from_spec(spec)
    try:
        return import_module(name)
    finally:
        if known is None:
            del sys.modules[_PACKAGE]
