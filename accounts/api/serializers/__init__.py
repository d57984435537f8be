"""Shapes of accounts in the API."""

from accounts.api.serializers.people import PersonSerializer, Side, avatar_json, person_json
from accounts.api.serializers.uploads import UploadSerializer

__all__ = ["PersonSerializer", "Side", "UploadSerializer", "avatar_json", "person_json"]
