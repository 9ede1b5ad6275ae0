"""What the page of an article's text takes in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from careloop.knowledge.models import LANGUAGES, Article
from careloop.knowledge.services.writing import LONGEST_BODY, Wording


class ArticleForm(forms.ModelForm[Article]):
    """Both languages side by side; ``seen`` is the newest text the writer had before them."""

    title_zh = forms.CharField(label=_("Title"), max_length=160, required=False)
    body_zh = forms.CharField(
        label=_("Text"), max_length=LONGEST_BODY, required=False, widget=forms.Textarea(attrs={"rows": 14})
    )
    title_en = forms.CharField(label=_("Title"), max_length=160, required=False)
    body_en = forms.CharField(
        label=_("Text"), max_length=LONGEST_BODY, required=False, widget=forms.Textarea(attrs={"rows": 14})
    )
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Article
        fields = ("section", "audience", "keywords")

    def wordings(self) -> dict[str, Wording]:
        clean = self.cleaned_data
        return {
            language: Wording(clean[f"title_{language}"].strip(), _unix(clean[f"body_{language}"]).strip())
            for language in LANGUAGES
        }

    def placing(self) -> dict[str, Any]:
        """Section, audience and keywords."""
        return {name: self.cleaned_data[name] for name in self.Meta.fields}

    @property
    def sides(self) -> list[dict[str, Any]]:
        """The two languages as the page shows them."""
        names = {"zh": "中文", "en": "English"}
        return [
            {"language": language, "name": names[language], "title": self[f"title_{language}"],
             "body": self[f"body_{language}"]}
            for language in LANGUAGES
        ]  # fmt: skip


def initial_of(article: Article) -> dict[str, Any]:
    """What was written last, as the form begins with it."""
    found: dict[str, Any] = {}
    newest = [article.newest_of(language) for language in LANGUAGES]
    for text in newest:
        if text is not None:
            found |= {f"title_{text.language}": text.title, f"body_{text.language}": text.body}
    return found | {"seen": max((text.pk for text in newest if text is not None), default=None)}


def _unix(text: str) -> str:
    return text.replace("\r\n", "\n")
