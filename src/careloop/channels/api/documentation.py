"""The page at ``/api/v1/docs``: the OpenAPI document told as a page of our own.

The framework's page loads its program from a stranger's server and runs a script inside the page. Our policy refuses
both, and a desk without the Internet could not show it anyway.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from ninja.openapi.docs import DocsBase

if TYPE_CHECKING:
    from ninja import NinjaAPI

Schema = Mapping[str, Any]
LIMITS = {"minLength": "at least {} characters", "maxLength": "at most {} characters", "maxItems": "at most {}"}


@dataclass(frozen=True, slots=True)
class Field:
    """One thing to send or to get. ``where`` is path, query, header or body; ``shapes`` are the shapes it names."""

    where: str
    name: str
    kind: str
    is_required: bool
    note: str
    shapes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """``answers`` are pairs of a status and the name of the shape that comes with it."""

    method: str
    path: str
    summary: str
    description: str
    fields: tuple[Field, ...]
    answers: tuple[tuple[str, str], ...]


class OwnPage(DocsBase):
    """Renders the document on the server, in the frame of our other pages."""

    def render_page(self, request: HttpRequest, api: NinjaAPI, **kwargs: Any) -> HttpResponse:
        document = api.get_openapi_schema(path_params=kwargs)
        context = {
            "title": document["info"]["title"],
            "description": document["info"]["description"],
            "operations": list(operations(document)),
            "shapes": {name: fields_of(shape) for name, shape in shapes(document).items()},
            "document_url": self.get_openapi_url(api, kwargs),
        }
        return render(request, "channels/api.html", context)


def operations(document: Schema) -> Iterator[Operation]:
    """Every operation of an OpenAPI document, in its order."""
    for path, methods in document["paths"].items():
        for method, said in methods.items():
            yield Operation(
                method.upper(), path, said.get("summary", ""), said.get("description", "").replace("``", ""),
                (*map(_parameter, said.get("parameters", ())), *_body(document, said)), tuple(_answers(said)),
            )  # fmt: skip


def shapes(document: Schema) -> Schema:
    found: Schema = document.get("components", {}).get("schemas", {})
    return found


def fields_of(shape: Schema) -> tuple[Field, ...]:
    """The fields of an object; nothing for what is no object."""
    required = shape.get("required", ())
    return tuple(_field("body", name, each, name in required) for name, each in shape.get("properties", {}).items())


def _parameter(said: Schema) -> Field:
    return _field(said["in"], said["name"], said.get("schema", {}), bool(said.get("required")))


def _body(document: Schema, said: Schema) -> tuple[Field, ...]:
    named = [name for schema in _json(said.get("requestBody", {})) for name in _named(schema)]
    return tuple(field for name in named for field in fields_of(shapes(document)[name]))


def _answers(said: Schema) -> Iterator[tuple[str, str]]:
    for status, answer in said.get("responses", {}).items():
        names = [name for schema in _json(answer) for name in _named(schema)]
        yield str(status), names[0] if names else ""


def _json(content: Schema) -> list[Schema]:
    """The schema of the JSON in a request or an answer, where there is one."""
    schema = content.get("content", {}).get("application/json", {}).get("schema")
    return [schema] if schema else []


def _field(where: str, name: str, schema: Schema, is_required: bool) -> Field:
    return Field(where, name, _kind(schema), is_required, _note(schema), tuple(_named(schema)))


def _kind(schema: Schema) -> str:
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2])
    if "anyOf" in schema:
        return " or ".join(_kind(each) for each in schema["anyOf"])
    if "enum" in schema:
        return ", ".join(str(each) or "empty" for each in schema["enum"])
    if "const" in schema:
        return str(schema["const"])
    kind = str(schema.get("format") or schema.get("type", "anything"))
    return f"list of {_kind(schema['items'])}" if kind == "array" and "items" in schema else kind


def _note(schema: Schema) -> str:
    """What the document says about a field beside its kind: its meaning, its limits, what it is when left out."""
    parts = [str(schema["description"]).rstrip(".")] if "description" in schema else []
    parts += [sentence.format(schema[limit]) for limit, sentence in LIMITS.items() if limit in schema]
    if schema.get("default") not in (None, "", [], {}):
        parts.append(f"{schema['default']} when left out")
    return "; ".join(parts)


def _named(schema: Schema) -> Iterator[str]:
    """The shapes that a schema names, however deep."""
    if "$ref" in schema:
        yield schema["$ref"].rpartition("/")[2]
    for each in (*schema.get("anyOf", ()), *([schema["items"]] if "items" in schema else ())):
        yield from _named(each)
