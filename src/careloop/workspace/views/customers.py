"""Customers: find one, and all that happened with one."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from careloop.workspace import customers
from careloop.workspace.access import desk, person


@require_safe
@desk
def customer_list(request: HttpRequest) -> HttpResponse:
    query = request.GET.get("q", "").strip()[:120]
    page = customers.page_of(person(request), query, after=request.GET.get("after", ""))
    return render(request, "workspace/customers.html", {"section": "customers", "query": query, "page": page})


@require_safe
@desk
def customer(request: HttpRequest, pk: int) -> HttpResponse:
    """One customer: identities, orders, every conversation this colleague may see."""
    found = customers.visible_to(person(request)).select_related("company").filter(pk=pk).first()
    if found is None:
        raise Http404
    context = {"section": "customers", "customer": found, **customers.portrait(person(request), found)}
    return render(request, "workspace/customer.html", context)
