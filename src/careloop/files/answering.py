"""A stored file as an answer: never run, never guessed at, in parts where a player seeks (RFC 9110, 13 and 14)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header

from careloop.files import services
from careloop.files.models import Blob
from careloop.files.ranges import NotSatisfiable, Part, part_of
from careloop.files.sniffing import UNKNOWN

# A stored file may contain anything: it gets no script, no form, no frame and no origin.
POLICY = "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; sandbox"


def file_answer(request: HttpRequest, blob: Blob, *, name: str, content_type: str, is_shown: bool) -> HttpResponse:
    """The file, the part of it that is asked for (206), or that there is no such part (416).

    ``is_shown``: the browser may display it; everything else is handed over as a download of no particular type.
    Raises :class:`NotFound` when the stored bytes are gone or damaged.
    """
    response = _answer(request, blob)
    if response.status_code != 304:
        response.headers["Content-Type"] = content_type if is_shown else UNKNOWN
        response.headers["Content-Disposition"] = content_disposition_header(not is_shown, name) or "attachment"
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["ETag"] = _etag(blob)
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _answer(request: HttpRequest, blob: Blob) -> HttpResponse:
    early = get_conditional_response(request, etag=_etag(blob))
    if early is not None:
        return HttpResponse(status=early.status_code)
    try:
        part = _asked(request, blob)
    except NotSatisfiable:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{blob.size}"})
    if part is None:
        return HttpResponse(services.read(blob))
    data = services.read_part(blob, part)
    return HttpResponse(data, status=206, headers={"Content-Range": f"bytes {part.first}-{part.last}/{blob.size}"})


def _asked(request: HttpRequest, blob: Blob) -> Part | None:
    """What is asked for; all of it when the rest of another file is at hand (``If-Range``)."""
    header = request.headers.get("Range", "")
    if request.method != "GET" or request.headers.get("If-Range", _etag(blob)) != _etag(blob):
        return None
    return part_of(header, blob.size)


def _etag(blob: Blob) -> str:
    """Strong: the same name means the same bytes."""
    return f'"{blob.sha256}"'
