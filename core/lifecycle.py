"""Status moves. One table per aggregate is the only truth: services, buttons, API actions, tests and drawings read it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db import models
from django.utils import timezone

from core.errors import Conflict
from core.statements import change, insert


@dataclass(frozen=True)
class Move:
    """A named step from one of `sources` to `target`, open to the roles in `who`."""

    name: str
    sources: frozenset[str]
    target: str
    who: frozenset[str]


def move(name: str, sources: Iterable[str], target: str, *who: str) -> Move:
    return Move(name, frozenset(str(source) for source in sources), str(target), frozenset(who))


class Badge(NamedTuple):
    """How a status is shown: word, colour (success, waiting, info, danger, quiet) and icon."""

    label: str
    tone: str
    icon: str


@dataclass(frozen=True)
class Lifecycle:
    """The moves of one aggregate. `noun` names it in messages; `looks` gives (tone, icon) for each status."""

    noun: str
    statuses: type[models.TextChoices]
    looks: Mapping[str, tuple[str, str]]
    moves: dict[str, Move] = field(default_factory=dict)

    @classmethod
    def of(
        cls, noun: str, statuses: type[models.TextChoices], looks: Mapping[Any, tuple[str, str]], *moves: Move
    ) -> "Lifecycle":
        return cls(noun, statuses, looks, {step.name: step for step in moves})

    def badge(self, status: str) -> Badge:
        return Badge(str(self.statuses(status).label), *self.looks[status])

    def available(self, status: str, role: str) -> list[str]:
        """Names of the moves that somebody in `role` can make now."""
        return [step.name for step in self.moves.values() if status in step.sources and role in step.who]

    def perform(
        self, instance: Any, name: str, *, actor: Any = None, reason: str = "", code: str = "", **changes: Any
    ) -> None:
        """Make the move in the database, or raise Conflict when its status does not allow it (any more).

        A compare-and-set in one UPDATE, so that of two people only one succeeds, and an event row beside it. The
        caller holds the transaction. `changes` are further columns set by the same UPDATE; `code` the refusal's code.
        """
        step = self.moves[name]
        before = instance.status if instance.status in step.sources else ""
        now = timezone.now()
        values = {"status": step.target, "updated_at": now, **changes}
        if not (before and change(instance, values, if_still={"status": before})):
            rows = type(instance)._base_manager.filter(pk=instance.pk)
            current = rows.values_list("status", flat=True).first()
            if current in step.sources and current != before:
                instance.status = current
                return self.perform(instance, name, actor=actor, reason=reason, code=code, **changes)
            raise Conflict(code or f"{self.noun}_not_{name}able", self._refusal(step, current))
        for column, value in values.items():
            setattr(instance, column, value)
        link = type(instance).events.field
        insert(
            link.model(
                **{link.name: instance},
                move=name,
                from_status=before,
                to_status=step.target,
                actor=actor,
                reason=reason,
            )
        )
        return None

    def _refusal(self, step: Move, current: str | None) -> str:
        if current is None:
            return f"This {self.noun} no longer exists."
        return f"This {self.noun} is {self.statuses(current).label.lower()}, so that is not possible now."


class LifecycleEvent(models.Model):
    """Abstract: one made move. Append-only; subclasses add the foreign key with related_name="events"."""

    move = models.CharField(max_length=40)
    from_status = models.CharField(max_length=24, blank=True)
    to_status = models.CharField(max_length=24)
    actor = models.ForeignKey("accounts.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        abstract = True
        ordering = ["id"]
