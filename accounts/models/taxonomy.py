"""Categories and skills: what work is called here."""

from django.db import models

from accounts.querysets import CategoryQuerySet, SkillQuerySet


class Category(models.Model):
    """A two-level tree. `kind` says whether its work is done remotely or at a place."""

    class Kind(models.TextChoices):
        REMOTE = "remote", "Remote"
        LOCAL = "local", "Local"

    name = models.CharField(max_length=80)
    slug = models.SlugField(max_length=80, unique=True)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.REMOTE)
    description = models.CharField(max_length=200, blank=True)
    icon = models.CharField(max_length=40, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    objects = CategoryQuerySet.as_manager()

    class Meta:
        ordering = ["position", "name"]
        verbose_name_plural = "categories"

    def __str__(self) -> str:
        return self.name


class Skill(models.Model):
    """One skill that projects ask for and freelancers offer."""

    name = models.CharField(max_length=80, unique=True)
    slug = models.SlugField(max_length=80, unique=True)
    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="skills")
    aliases = models.JSONField(default=list, blank=True, help_text="Other names that find this skill.")

    objects = SkillQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
