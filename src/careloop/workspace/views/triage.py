"""Put right what triage understood, in one click."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from careloop.common.errors import InvalidInput
from careloop.triage.models import Prediction
from careloop.triage.services.correcting import correct
from careloop.triage.services.reading import choices_for
from careloop.workspace.access import conversation_of, desk, person
from careloop.workspace.answers import done


@require_POST
@desk
def correction(request: HttpRequest, number: int, prediction: int) -> HttpResponse:
    """The colleague's label becomes the current one; clocks and priority follow."""
    conversation = conversation_of(request, number)
    row = Prediction.objects.current().filter(conversation=conversation, pk=prediction).first()
    if row is None:
        raise Http404
    label = request.POST.get("label", "")
    if label not in dict(choices_for(row)):
        raise InvalidInput("unknown_label", _("Choose one of the labels."), data={"label": label[:64]})
    if label != row.label:
        correct(row, label, by=person(request))
    return done(request, conversation, _("Thank you; it is corrected and will be learned from."))
