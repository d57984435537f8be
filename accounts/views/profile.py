"""What people write of themselves beside the main form: experience, hours, the address of the profile."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts import services
from accounts.forms import EntryForm, HandleForm, HoursForm
from accounts.models import ProfileEntry, User
from accounts.rules import DAYS, MAX_ENTRIES, EntryKind, written_spans
from accounts.selectors import free_handle
from core.errors import DomainError, NotFound
from core.pages import apply
from core.queries import get_or_refuse


def profile_tabs(current: str, user: User) -> list[dict[str, Any]]:
    """For components/tabs.html. Who only hires has no experience and no hours to show."""
    tabs = {"profile": _("About you")}
    if user.is_freelancer:
        tabs |= {"profile-experience": _("Experience"), "profile-hours": _("Hours")}
    tabs["profile-address"] = _("Address")
    return [
        {"label": label, "url": reverse(f"settings:{name}"), "current": name == current} for name, label in tabs.items()
    ]


def experience(request: HttpRequest) -> HttpResponse:
    user: Any = request.user
    entries = list(user.profile_entries.all())
    titles = {
        EntryKind.WORK: (_("Work"), _("Where you worked, and for whom."), _("Add work")),
        EntryKind.EDUCATION: (_("Education"), _("Schools, courses, apprenticeships."), _("Add education")),
        EntryKind.CERTIFICATE: (_("Certificates"), _("Licences, exams, memberships."), _("Add a certificate")),
    }
    groups = [
        {"kind": kind, "title": title, "empty": empty, "add": add, "rows": rows, "full": len(rows) >= MAX_ENTRIES[kind]}
        for kind, (title, empty, add) in titles.items()
        for rows in [[entry for entry in entries if entry.kind == kind]]
    ]
    context = {"groups": groups, "tabs": profile_tabs("profile-experience", user)}
    return render(request, "accounts/settings_experience.html", context)


def add_entry(request: HttpRequest, kind: str) -> HttpResponse:
    if kind not in EntryKind.values:
        raise NotFound
    return _entry_page(request, kind, None)


def change_entry(request: HttpRequest, entry_id: int) -> HttpResponse:
    """Change it, or take it away."""
    user: Any = request.user
    entry = get_or_refuse(ProfileEntry.objects.filter(user=user), pk=entry_id)
    if request.method == "POST" and "remove" in request.POST:
        services.remove_entry(user, entry_id=entry_id)
        messages.success(request, _("It is off your profile."))
        return redirect("settings:profile-experience")
    return _entry_page(request, entry.kind, entry)


def hours(request: HttpRequest) -> HttpResponse:
    user = User.objects.with_profiles().get(pk=request.user.pk)
    form = HoursForm(request.POST or None, hours=user.freelancer_profile.weekly_hours)
    if form.is_valid():
        hours = form.cleaned_data["weekly_hours"]
        if "copy" in request.POST:
            form = HoursForm(_with_mondays_hours(hours), hours={})
        else:
            try:
                services.update_person(user, freelancer={"weekly_hours": hours})
            except DomainError as error:
                apply(form, error)
            else:
                messages.success(request, _("Your hours are saved. Others see them on their own clock too."))
                return redirect("settings:profile-hours")
    context = {"form": form, "zone": user.time_zone, "tabs": profile_tabs("profile-hours", user)}
    return render(request, "accounts/settings_hours.html", context)


def address(request: HttpRequest) -> HttpResponse:
    user: Any = request.user
    form = HandleForm(request.POST or None, initial={"handle": user.handle})
    if form.is_valid():
        try:
            user = services.change_handle(user, handle=form.cleaned_data["handle"] or None)
        except DomainError as error:
            apply(form, error)
        else:
            messages.success(request, _("This is the address of your profile now."))
            return redirect("settings:profile-address")
    context = {
        "form": form,
        "idea": "" if user.handle else free_handle(user),
        "profile_url": request.build_absolute_uri(user.get_absolute_url()),
        "prefix": request.build_absolute_uri(reverse("people:list")).split("://")[1],
        "tabs": profile_tabs("profile-address", user),
    }
    return render(request, "accounts/settings_address.html", context)


@require_GET
def check_address(request: HttpRequest) -> HttpResponse:
    """Whether an address may be had, while it is being typed."""
    user: Any = request.user
    wanted, fault = request.GET.get("handle", "").strip().lower(), ""
    if wanted and wanted != user.handle:
        try:
            services.check_handle(user, handle=wanted)
        except DomainError as error:
            fault = error.fields["handle"][0]
    context = {"wanted": wanted, "fault": fault, "is_own": wanted == user.handle}
    return render(request, "accounts/_address_answer.html", context)


def _entry_page(request: HttpRequest, kind: str, entry: ProfileEntry | None) -> HttpResponse:
    user: Any = request.user
    known = {name: getattr(entry, name) for name in EntryForm.base_fields} if entry else {}
    form = EntryForm(request.POST or None, kind=kind, initial=known)
    if form.is_valid():
        try:
            if entry:
                services.change_entry(user, entry_id=entry.pk, values=form.cleaned_data)
            else:
                services.add_entry(user, values=form.cleaned_data | {"kind": kind})
        except DomainError as error:
            apply(form, error)
        else:
            messages.success(request, _("Your experience is saved."))
            return redirect("settings:profile-experience")
    headings = {
        EntryKind.WORK: _("Work"),
        EntryKind.EDUCATION: _("Education"),
        EntryKind.CERTIFICATE: _("Certificate"),
    }
    context = {
        "form": form,
        "entry": entry,
        "heading": headings[EntryKind(kind)],
        "tabs": profile_tabs("profile-experience", user),
    }
    return render(request, "accounts/settings_entry.html", context)


def _with_mondays_hours(hours: dict[str, list[list[str]]]) -> dict[str, str]:
    """As the form takes them, with Tuesday to Friday as on Monday. Nothing is saved yet."""
    monday = hours.get("mon", [])
    workdays = dict.fromkeys(list(DAYS)[:5], monday)
    return {day: written_spans(spans) for day, spans in (hours | workdays).items()}
