"""Static files as WhiteNoise serves them, and those of a front end that was built under a running desk.

WhiteNoise makes its list once, when the desk starts, which is what makes it fast and safe. A build brings new files
under names of their own (they carry a hash of their content) and takes the old ones away, so only names of that kind
are looked for again.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django.conf import settings
from whitenoise.middleware import WhiteNoiseMiddleware

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

_BUILT = re.compile(settings.WHITENOISE_IMMUTABLE_FILE_TEST)


class StaticFiles(WhiteNoiseMiddleware):
    """In the place of WhiteNoise's own middleware."""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        path = request.path_info
        if path not in self.files and _BUILT.search(path):
            self._look_for(path)
        try:
            answer: Any = super().__call__(request)
        except FileNotFoundError:
            if self.files.pop(path, None) is None:
                raise
            answer = self.get_response(request)
        return answer

    def _look_for(self, path: str) -> None:
        found = self.find_file(path)
        if found is not None:
            self.files[path] = found
