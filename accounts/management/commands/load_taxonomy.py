"""Bring categories and skills up to the shipped taxonomy."""

from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from accounts.data import load_taxonomy
from accounts.models import Category, Skill


class Command(BaseCommand):
    help = "Creates or updates the shipped categories and skills, by slug. Leaves all others alone."

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        categories, skills = load_taxonomy(Category, Skill)
        self.stdout.write(f"{categories} categories and {skills} skills are up to date.")
