"""What keys are used for: counted in Redis, written down by a job, and read as the sum of both.

The counts that wait to be written are one Redis hash with fields "2026-01-31:12:requests".
"""

from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

import structlog
from django.conf import settings
from django.db import connection, transaction
from redis import RedisError

from accounts.models import ApiKey, ApiKeyUsage
from core.throttling import counters

logger = structlog.get_logger("api_usage")
WAITING = "api-usage"
WHAT = ("requests", "refused", "failed")
QUOTA_KEPT = timedelta(hours=26)
DAYS_SHOWN = 30


class DayOfUse(NamedTuple):
    day: date
    requests: int
    refused: int
    failed: int


def count_request(key: ApiKey) -> int:
    """Count one request. 0 while the day's quota lasts, else the seconds until the next day (UTC) begins."""
    now = datetime.now(UTC)
    quota_key = f"api-quota:{now.date()}:{key.pk}"
    try:
        with counters().pipeline(transaction=False) as pipeline:
            pipeline.incr(quota_key)
            pipeline.expire(quota_key, QUOTA_KEPT)
            pipeline.hincrby(WAITING, _field(now.date(), key.pk, "requests"), 1)
            used = pipeline.execute()[0]
    except RedisError as error:
        logger.warning("api_usage_not_counted", error=str(error))
        return 0
    if used <= key.daily_quota * settings.RATE_LIMIT_FACTOR:
        return 0
    return int((_midnight(now) - now).total_seconds()) + 1


def count_outcome(key: ApiKey, *, status: int) -> None:
    """Count how it ended, if not well."""
    what = "failed" if status >= 500 else "refused" if status >= 400 else ""
    if not what:
        return
    try:
        counters().hincrby(WAITING, _field(datetime.now(UTC).date(), key.pk, what), 1)
    except RedisError as error:
        logger.warning("api_usage_not_counted", error=str(error))


def write_usage() -> int:
    """Move what waits in Redis to the table; the number of rows written. From a job."""
    with counters().pipeline(transaction=True) as pipeline:  # taken at once: what is counted meanwhile waits again
        pipeline.hgetall(WAITING)
        pipeline.delete(WAITING)
        taken: dict[bytes, bytes] = pipeline.execute()[0]
    try:
        return _add(taken)
    except Exception:
        with counters().pipeline(transaction=True) as pipeline:
            for field, count in taken.items():
                pipeline.hincrby(WAITING, field.decode(), int(count))
            pipeline.execute()
        raise


def usage_of(key: ApiKey, *, days: int = DAYS_SHOWN) -> list[DayOfUse]:
    """The last days, today first, without gaps."""
    today = datetime.now(UTC).date()
    shown = [today - timedelta(days=back) for back in range(days)]
    written = {row.day: row for row in ApiKeyUsage.objects.filter(key=key, day__gte=shown[-1])}
    waiting = _waiting(key, shown[:2])
    return [
        DayOfUse(
            day, *(getattr(written.get(day), what, 0) + waiting.get(_field(day, key.pk, what), 0) for what in WHAT)
        )
        for day in shown
    ]


def _add(taken: dict[bytes, bytes]) -> int:
    counts: dict[tuple[str, int], dict[str, int]] = {}
    for field, count in taken.items():
        day, key_id, what = field.decode().split(":")
        counts.setdefault((day, int(key_id)), dict.fromkeys(WHAT, 0))[what] = int(count)
    with transaction.atomic(), connection.cursor() as cursor:
        known = set(ApiKey.objects.filter(pk__in={key_id for _, key_id in counts}).values_list("pk", flat=True))
        rows: list[Any] = [
            [key_id, day, *(each[what] for what in WHAT)]
            for (day, key_id), each in sorted(counts.items())
            if key_id in known
        ]
        cursor.executemany(
            "INSERT INTO accounts_apikeyusage (key_id, day, requests, refused, failed) VALUES (%s, %s, %s, %s, %s) "
            "ON CONFLICT (key_id, day) DO UPDATE SET requests = accounts_apikeyusage.requests + excluded.requests, "
            "refused = accounts_apikeyusage.refused + excluded.refused, "
            "failed = accounts_apikeyusage.failed + excluded.failed",
            rows,
        )
    return len(rows)


def _waiting(key: ApiKey, days: list[date]) -> dict[str, int]:
    fields = [_field(day, key.pk, what) for day in days for what in WHAT]
    try:
        counts = counters().hmget(WAITING, fields)
    except RedisError as error:
        logger.warning("api_usage_not_read", error=str(error))
        return {}
    return {field: int(count or 0) for field, count in zip(fields, counts, strict=True)}


def _field(day: date, key_id: int, what: str) -> str:
    return f"{day}:{key_id}:{what}"


def _midnight(now: datetime) -> datetime:
    return datetime.combine(now.date() + timedelta(days=1), datetime.min.time(), tzinfo=UTC)
