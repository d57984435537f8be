"""Skills and categories."""

from typing import Any

from rest_framework import serializers

from accounts.models import Category, Skill


class SkillSerializer(serializers.Serializer[Skill]):
    """`category` by slug."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    slug = serializers.CharField()
    category = serializers.CharField()

    def to_representation(self, instance: Skill) -> dict[str, Any]:
        return {"id": instance.pk, "name": instance.name, "slug": instance.slug, "category": instance.category.slug}


class SubcategorySerializer(serializers.Serializer[Category]):
    """`kind`: "remote" or "local" work."""

    id = serializers.IntegerField()
    slug = serializers.CharField()
    name = serializers.CharField()
    description = serializers.CharField()
    icon = serializers.CharField()
    kind = serializers.CharField()

    def to_representation(self, instance: Category) -> dict[str, Any]:
        return {
            "id": instance.pk,
            "slug": instance.slug,
            "name": instance.name,
            "description": instance.description,
            "icon": instance.icon,
            "kind": instance.kind,
        }


class CategorySerializer(SubcategorySerializer):
    """With the categories below it. Prefetch `children`."""

    children = SubcategorySerializer(many=True)

    def to_representation(self, instance: Category) -> dict[str, Any]:
        below = [SubcategorySerializer().to_representation(child) for child in instance.children.all()]
        return super().to_representation(instance) | {"children": below}
