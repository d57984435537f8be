"""The staff console as Django's admin."""

from django.contrib.admin.apps import AdminConfig


class ConsoleConfig(AdminConfig):
    default_site = "core.admin.ConsoleSite"
