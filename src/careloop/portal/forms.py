"""The forms a customer fills in, without an account."""

from __future__ import annotations

import secrets
from typing import Any

from django import forms
from django.core import signing
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from careloop.customers.normalising import normalise
from careloop.portal import uploads
from careloop.portal.shape import LONGEST_TEXT

SALT = "careloop.portal.form"
LONGEST_LINE = 200
SHORTEST_PHONE, LONGEST_PHONE = 5, 20


def new_key() -> str:
    """The name of one shown form; sent twice, it is still one message."""
    return signing.Signer(salt=SALT).sign(secrets.token_urlsafe(12))


class FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files; each is looked at, none is stored."""

    widget = FilesInput(attrs={"accept": "image/*,video/*,audio/*,application/pdf,text/plain"})

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        given: list[UploadedFile] = [each for each in data or [] if each]
        uploads.check(given)
        return given


def _line(label: object, **attributes: str) -> forms.CharField:
    return forms.CharField(
        label=label,  # type: ignore[arg-type]
        required=False,
        max_length=LONGEST_LINE,
        widget=forms.TextInput(attrs={"class": "input", **attributes}),
    )


def _text(label: object, *, rows: int, css: str = "textarea", **extra: Any) -> forms.CharField:
    return forms.CharField(
        label=label,  # type: ignore[arg-type]
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"class": css, "rows": rows}),
        **extra,
    )


class MessageForm(forms.Form):
    """What every form of the portal has: words, files, its key, and a trap for programs."""

    text = _text(_("Your message"), rows=4, error_messages={"required": _("Please write a few words.")})
    attachments = FilesField(label=_("Photos, videos or documents"), required=False)
    form_key = forms.CharField(widget=forms.HiddenInput, max_length=120)
    # No person sees this field.
    homepage = forms.CharField(required=False, widget=forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"}))

    def clean_form_key(self) -> str:
        try:
            return signing.Signer(salt=SALT).unsign(self.cleaned_data["form_key"])
        except signing.BadSignature:
            raise ValidationError(_("This page had become too old. Please send it once more.")) from None

    def clean_homepage(self) -> str:
        if self.cleaned_data["homepage"]:
            raise ValidationError(_("Please leave the field “homepage” empty and send it once more."))
        return ""

    def with_new_key(self) -> MessageForm:
        """The same form with what was typed, to be shown again."""
        data = {name: self.data.get(name, "") for name in self.fields if name != "attachments"}
        if "form_key" in self.errors or not data.get("form_key"):
            data["form_key"] = new_key()
        data["homepage"] = ""
        self.data = data
        return self


class NewMatterForm(MessageForm):
    """A complaint, a question or feedback; one way to answer is needed."""

    KINDS = (("complaint", _("Complaint")), ("question", _("Question")), ("feedback", _("Feedback")))

    kind = forms.ChoiceField(
        label=_("What is it about?"), choices=KINDS, widget=forms.RadioSelect,
        error_messages={"required": _("Please choose one."), "invalid_choice": _("Please choose one.")},
    )  # fmt: skip
    text = _text(
        _("What happened?"), rows=6, css="textarea textarea--tall",
        error_messages={"required": _("Please tell us in a few words what happened.")},
    )  # fmt: skip
    remedy = _text(_("What would put it right for you?"), rows=2, required=False)
    order_number = _line(_("Order number"))
    name = _line(_("Your name"), autocomplete="name")
    email = forms.EmailField(
        label=_("E-mail address"), required=False, max_length=LONGEST_LINE,
        widget=forms.EmailInput(attrs={"class": "input", "autocomplete": "email", "inputmode": "email"}),
    )  # fmt: skip
    phone = _line(_("Phone number"), autocomplete="tel", inputmode="tel", type="tel")

    def clean_phone(self) -> str:
        phone = str(self.cleaned_data["phone"]).strip()
        digits = sum(character.isdigit() for character in normalise("phone", phone))
        if phone and not SHORTEST_PHONE <= digits <= LONGEST_PHONE:
            raise ValidationError(_("This does not look like a phone number."))
        return phone

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        is_silent = not cleaned.get("email") and not cleaned.get("phone")
        if is_silent and "email" not in self.errors and "phone" not in self.errors:
            self.add_error("email", _("Please give an e-mail address or a phone number, so that we can answer you."))
        return cleaned
