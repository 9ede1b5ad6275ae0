"""The customer's answer as the page sends it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from careloop.surveys.arithmetic import SCALE, Scores
from careloop.surveys.models import LONGEST_COMMENT
from careloop.surveys.questions import SCORE_FIELDS, answer_label, question

CHOOSE = {"required": _("Please choose an answer."), "invalid_choice": _("Please choose an answer.")}


class AnswerForm(forms.Form):
    """Words in the language of the page; every question but the comment is needed."""

    solved = forms.ChoiceField(widget=forms.RadioSelect, error_messages=CHOOSE)
    comment = forms.CharField(
        required=False, max_length=LONGEST_COMMENT, widget=forms.Textarea(attrs={"rows": 3, "class": "textarea"})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        language = get_language() or "en"
        solved = self.fields["solved"]
        assert isinstance(solved, forms.ChoiceField)
        solved.choices = [(word, answer_label(f"solved_{word}", language)) for word in ("yes", "no")]
        for name in SCORE_FIELDS:
            choices = [(score, answer_label(score, language)) for score in SCALE]
            self.fields[name] = forms.TypedChoiceField(
                choices=choices, coerce=int, widget=forms.RadioSelect, error_messages=CHOOSE
            )
        for name, field in self.fields.items():
            field.label = question(name, language)
        self.order_fields(["solved", *SCORE_FIELDS, "comment"])

    @property
    def scores(self) -> Scores:
        speed, result, overall = (self.cleaned_data[name] for name in SCORE_FIELDS)
        return speed, result, overall

    @property
    def is_solved(self) -> bool:
        return bool(self.cleaned_data["solved"] == "yes")

    @property
    def score_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in SCORE_FIELDS]
