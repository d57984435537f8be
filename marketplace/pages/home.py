from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


@login_not_required
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "home.html")


@login_not_required
def how_it_works(request: HttpRequest) -> HttpResponse:
    return render(request, "how_it_works.html")


@login_not_required
def fees(request: HttpRequest) -> HttpResponse:
    return render(request, "fees.html")
