"""Words, icons and plain addresses of a part, set in when the part is loaded instead of each time it is drawn.

A page of the desk holds about a hundred of them and they are always the same in one language; asking for them took as
long as the rest of drawing. Whatever depends on a value is left to be asked for when the part is drawn.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from pathlib import Path

from jinja2 import Environment, FileSystemLoader

# {{ _("Send") }}, {{ icon("phone", "icon--s") }}: a name, and nothing but words in quotation marks. What follows the
# bracket ("% {…}", a filter) depends on a value, and a sign of Jinja inside the words would be read as Jinja.
_STILL = re.compile(r'\{\{ (\w+)\(("[^"\\]*"(?:, "[^"\\]*")*)\) \}\}')
_SIGNS = ("{{", "{%", "{#")


class PartsOfOneLanguage(FileSystemLoader):
    """Loads templates for a reader whose language is active while they are loaded.

    ``still`` are the functions whose answers may be set in, by the name that templates call them.
    """

    def __init__(self, folder: Path, still: Mapping[str, Callable[..., str]]) -> None:
        super().__init__(folder)
        self._still = still

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        source, path, is_fresh = super().get_source(environment, template)
        return _STILL.sub(self._set_in, source), path, is_fresh

    def _set_in(self, found: re.Match[str]) -> str:
        if found[1] not in self._still:
            return found[0]
        said = str(self._still[found[1]](*ast.literal_eval(f"({found[2]},)")))
        return found[0] if any(sign in said for sign in _SIGNS) else said
