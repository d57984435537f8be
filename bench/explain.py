"""What the database does for the hot reads: the very SQL that the API sends, counts included, by EXPLAIN ANALYZE."""

import json
import statistics
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.core.cache import cache
from django.db import connection
from django.test import Client

from bench.existing import LIMIT_QUERY_MS
from bench.report import figure, row, say
from bench.subjects import Subjects

TIMES = 3
WIDTHS = (34, 8, 9, 9, 9)
Plan = dict[str, Any]


@dataclass(frozen=True)
class Statement:
    sql: str
    params: Any


def run() -> bool:
    """Prints every read with its statements; False if one of them is over the limit."""
    reads = list(_reads(Subjects()))
    row(("", "queries", "ms", "planning", "limit"), WIDTHS)
    results = [_report(name, path) for name, path in reads]
    return all(results)


def _reads(subjects: Subjects) -> Iterator[tuple[str, str]]:
    lat, lng = subjects.busy_place()
    common, rare = subjects.common_word(), subjects.rare_word()
    yield "projects, first page", "/api/projects"
    yield "projects, page 500", "/api/projects?page=500"
    yield f"projects, search “{rare}” (rare)", f"/api/projects?search={rare}"
    yield f"projects, search “{common}” (common)", f"/api/projects?search={common}"
    yield "projects, open in a category", "/api/projects?status=open&category=web-software"
    yield "projects, three filters", "/api/projects?status=open&budget_type=fixed&currency=EUR&budget_min=500"
    yield "project", f"/api/projects/{subjects.projects(1)[0]}"
    yield "gigs within 5 km", f"/api/gigs?lat={lat:.4f}&lng={lng:.4f}&radius_km=5"
    yield "gigs within 50 km", f"/api/gigs?lat={lat:.4f}&lng={lng:.4f}&radius_km=50"
    yield (
        "gigs in a map's bounds",
        f"/api/gigs?bbox={lng - 0.05:.4f},{lat - 0.05:.4f},{lng + 0.05:.4f},{lat + 0.05:.4f}",
    )
    yield "gigs, first page", "/api/gigs"
    yield "freelancers, first page", "/api/freelancers"


def _report(name: str, path: str) -> bool:
    statements = _statements_of(path)
    plans = [_typical_plan(statement) for statement in statements]
    spent = sum(plan["Execution Time"] for plan in plans)
    planning = sum(plan["Planning Time"] for plan in plans)
    verdict = "ok" if spent <= LIMIT_QUERY_MS else "OVER"
    row((name, str(len(plans)), figure(spent), figure(planning), verdict), WIDTHS)
    for plan in plans:
        blocks = plan["Plan"]["Shared Hit Blocks"] + plan["Plan"]["Shared Read Blocks"]
        say(f"    {figure(plan['Execution Time']):>6} ms, {blocks:>6} blocks: {_summary(plan['Plan'])}")
    return bool(spent <= LIMIT_QUERY_MS)


def _statements_of(path: str) -> list[Statement]:
    """What an anonymous request of this address sends to the database. Nothing may come from a cache."""
    statements: list[Statement] = []

    def note(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith("SELECT"):
            statements.append(Statement(sql, params))
        return execute(sql, params, many, context)

    cache.clear()
    with connection.execute_wrapper(note):
        answer = Client(SERVER_NAME="127.0.0.1").get(path)
    if answer.status_code != 200:
        raise SystemExit(f"{path} answered {answer.status_code}: {answer.content[:500]!r}")
    return statements


def _typical_plan(statement: Statement) -> Plan:
    """Of several executions the one that took the median time."""
    plans = [_explain(statement) for _ in range(TIMES)]
    middle = statistics.median_low(plan["Execution Time"] for plan in plans)
    return next(plan for plan in plans if plan["Execution Time"] == middle)


def _explain(statement: Statement) -> Plan:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement.sql}", statement.params)
        (answer,) = cursor.fetchone()
    plan: Plan = (json.loads(answer) if isinstance(answer, str) else answer)[0]
    return plan


def _summary(node: Plan) -> str:
    """The ways in which tables are read, from the inside out: "Index Scan projects_listed_newest"."""
    return ", ".join(dict.fromkeys(_scans(node))) or node["Node Type"]


def _scans(node: Plan) -> Iterator[str]:
    for inner in node.get("Plans", []):
        yield from _scans(inner)
    if "Index Name" in node:
        yield f"{node['Node Type']} {node['Index Name']}"
    elif "Relation Name" in node and node["Node Type"] != "Bitmap Heap Scan":
        yield f"{node['Node Type']} {node['Relation Name']}"
    elif node["Node Type"] in {"Sort", "Aggregate", "Hash Join"}:
        yield node["Node Type"]
