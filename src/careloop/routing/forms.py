"""The weights as a form of plain numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from careloop.routing.models import HANDLING_HOURS, SEVERITIES, PriorityWeights

SEVERITY_LABELS = {
    "minor": _("Minor"),
    "moderate": _("Moderate"),
    "severe": _("Severe"),
    "unknown": _("Not judged yet"),
}
CLASS_LABELS = {
    "A": _("A: simple question"),
    "B": _("B: order"),
    "C": _("C: product"),
    "D": _("D: complaint"),
    "unknown": _("Not judged yet"),
}


class WeightsForm(forms.ModelForm[PriorityWeights]):
    """Every number a field of its own; points and hours are put together again on saving."""

    class Meta:
        model = PriorityWeights
        fields = ("severity", "value", "source", "late_factor", "gamma")

    months = forms.TypedChoiceField(
        label=_("Replay the last"),
        coerce=int,
        required=False,
        initial=1,
        widget=forms.Select(attrs={"class": "select select-sm w-28"}),
        empty_value="1",
        choices=[(1, _("1 month")), (2, _("2 months")), (3, _("3 months"))],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in (self.fields[name] for name in self.Meta.fields):
            field.widget.attrs.update({"step": "any", "class": "input input-sm w-28"})
        self._numbers("severities", SEVERITY_LABELS, self.instance.severities, 0, 1)
        self._numbers("hours", CLASS_LABELS, self.instance.handling_hours, 0.1, 100)

    @property
    def weights(self) -> list[forms.BoundField]:
        return [self[name] for name in self.Meta.fields]

    @property
    def severities(self) -> list[forms.BoundField]:
        return [self[f"severities-{label}"] for label in SEVERITIES]

    @property
    def hours(self) -> list[forms.BoundField]:
        return [self[f"hours-{label}"] for label in HANDLING_HOURS]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        self.instance.severities = self._together("severities", SEVERITIES)
        self.instance.handling_hours = self._together("hours", HANDLING_HOURS)
        return cleaned

    def changes(self) -> dict[str, Any]:
        """What ``change_weights`` takes."""
        weights = {name: self.cleaned_data[name] for name in self.Meta.fields}
        return weights | {
            "severities": self.instance.severities,
            "handling_hours": self.instance.handling_hours,
        }

    def _numbers(
        self, group: str, labels: Mapping[str, Any], values: Mapping[str, float], low: float, high: float
    ) -> None:
        for label, text in labels.items():
            number = forms.FloatField(label=text, initial=values[label], min_value=low, max_value=high)
            number.widget.attrs.update({"step": "any", "class": "input input-sm w-28"})
            self.fields[f"{group}-{label}"] = number

    def _together(self, group: str, labels: Mapping[str, float]) -> dict[str, float]:
        found = {label: self.cleaned_data.get(f"{group}-{label}") for label in labels}
        if None in found.values():
            raise ValidationError(_("Please fill in every number."))
        return {label: float(number) for label, number in found.items() if number is not None}
