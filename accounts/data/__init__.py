"""The taxonomy that a new site starts with: categories in two levels, and skills."""

import json
from pathlib import Path
from typing import Any

TAXONOMY = Path(__file__).with_name("taxonomy.json")


def load_taxonomy(category_model: Any, skill_model: Any) -> tuple[int, int]:
    """Create or update categories and skills by slug; how many of each. A migration passes its own models."""
    taxonomy = json.loads(TAXONOMY.read_text(encoding="utf-8"))
    roots = taxonomy["categories"]
    _save(
        category_model,
        [_category(category_model, row, place) for place, row in enumerate(roots)],
    )
    ids = dict(category_model.objects.values_list("slug", "id"))
    children = [
        _category(category_model, row, place, parent_id=ids[root["slug"]])
        for root in roots
        for place, row in enumerate(root.get("children", []))
    ]
    _save(category_model, children)
    ids = dict(category_model.objects.values_list("slug", "id"))
    skills = [
        skill_model(
            slug=row["slug"],
            name=row["name"],
            category_id=ids[row["category"]],
            aliases=row.get("aliases", []),
        )
        for row in taxonomy["skills"]
    ]
    skill_model.objects.bulk_create(
        skills,
        update_conflicts=True,
        unique_fields=["slug"],
        update_fields=["name", "category", "aliases"],
    )
    return len(roots) + len(children), len(skills)


def _category(model: Any, row: dict[str, Any], position: int, parent_id: int | None = None) -> Any:
    return model(
        slug=row["slug"],
        name=row["name"],
        description=row.get("description", ""),
        icon=row.get("icon", ""),
        kind=row["kind"],
        position=position,
        parent_id=parent_id,
    )


def _save(model: Any, categories: list[Any]) -> None:
    model.objects.bulk_create(
        categories,
        update_conflicts=True,
        unique_fields=["slug"],
        update_fields=["name", "description", "icon", "kind", "position", "parent"],
    )
