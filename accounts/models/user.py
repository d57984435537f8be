"""The person."""

from typing import Any

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.gis.db.models import PointField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models.functions import Lower, Upper
from django.urls import reverse
from django.utils import timezone

from accounts.querysets import FULL_NAME, UserQuerySet
from accounts.rules import DEFAULT_TRAVEL_RADIUS_KM, HANDLE, UserType
from core.money import EXPONENTS


class UserManager(BaseUserManager["User"].from_queryset(UserQuerySet)):  # type: ignore[misc]
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=self.normalize(email), **fields)
        user.set_password(password)
        user.save()
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(
            email, password, is_staff=True, is_superuser=True, email_verified_at=timezone.now(), **fields
        )

    def get_by_natural_key(self, email: str | None) -> "User":
        return self.get(email=self.normalize(email or ""))

    @staticmethod
    def normalize(email: str) -> str:
        """Addresses are kept and compared in lower case."""
        return email.strip().lower()


class User(AbstractBaseUser, PermissionsMixin):
    """One identity for both sides: `user_type` says which of them the person uses."""

    email = models.EmailField(max_length=254, unique=True)
    first_name = models.CharField(max_length=80)
    last_name = models.CharField(max_length=80, blank=True)
    user_type = models.CharField(max_length=12, choices=UserType, default=UserType.BOTH)
    handle = models.SlugField(
        max_length=40, unique=True, null=True, blank=True, help_text="The person's own profile address."
    )
    avatar = models.ImageField(upload_to="public/avatars", blank=True)
    email_verified_at = models.DateTimeField(null=True, blank=True)
    identity_verified_at = models.DateTimeField(null=True, blank=True, editable=False)

    city = models.CharField(max_length=120, blank=True)
    country = models.CharField(max_length=2, blank=True, help_text="ISO 3166 code.")
    location = PointField(geography=True, null=True, blank=True, help_text="Exact; never shown to others.")
    public_location = PointField(geography=True, null=True, blank=True, help_text="Blurred; what others may see.")
    travel_radius_km = models.PositiveSmallIntegerField(default=DEFAULT_TRAVEL_RADIUS_KM)
    is_available = models.BooleanField(default=True)

    time_zone = models.CharField(max_length=64, default="UTC")
    language = models.CharField(max_length=12, default="en")
    currency = models.CharField(max_length=3, default="USD")

    is_staff = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    suspended_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="While a Suspension stands; its row says why."
    )
    deactivated_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="Closed by the person, who may come back."
    )
    erased_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="Deleted: only the shell is left."
    )
    date_joined = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["first_name"]

    class Meta:
        ordering = ["id"]
        permissions = [
            ("give_staff_rights", "Can give and take staff rights"),
            ("reset_second_factor", "Can reset somebody's second factor"),
        ]
        indexes = [
            GinIndex(OpClass(Upper(FULL_NAME), name="gin_trgm_ops"), name="accounts_user_name_trigrams"),
            models.Index(
                fields=["-date_joined", "-id"],
                condition=models.Q(is_active=True, email_verified_at__isnull=False),
                name="accounts_user_newest",
            ),
            models.Index(fields=["id"], condition=models.Q(suspended_at__isnull=False), name="accounts_user_suspended"),
        ]
        constraints = [
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="accounts_user_email_lowercase"),
            models.CheckConstraint(condition=models.Q(user_type__in=UserType.values), name="accounts_user_type_known"),
            models.CheckConstraint(
                condition=models.Q(currency__in=sorted(EXPONENTS)), name="accounts_user_currency_known"
            ),
            models.CheckConstraint(
                condition=models.Q(travel_radius_km__gte=1, travel_radius_km__lte=200),
                name="accounts_user_travel_radius_sane",
            ),
            models.CheckConstraint(
                condition=models.Q(location__isnull=True, public_location__isnull=True)
                | models.Q(location__isnull=False, public_location__isnull=False),
                name="accounts_user_place_and_blur_together",
            ),
            models.CheckConstraint(
                condition=models.Q(is_active=False) | models.Q(deactivated_at__isnull=True, erased_at__isnull=True),
                name="accounts_user_active_is_not_closed",
            ),
            models.CheckConstraint(
                condition=models.Q(handle__isnull=True) | models.Q(handle__regex=HANDLE),
                name="accounts_user_handle_readable",
            ),
        ]

    def __str__(self) -> str:
        return self.get_full_name()

    def get_absolute_url(self) -> str:
        """The public profile, at the address that the person chose if they did."""
        if self.handle:
            return reverse("people:own", args=[self.handle])
        return reverse("people:detail", args=[self.pk])

    def get_full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    def get_short_name(self) -> str:
        return self.first_name

    @property
    def is_client(self) -> bool:
        return self.user_type in {UserType.CLIENT, UserType.BOTH}

    @property
    def is_freelancer(self) -> bool:
        return self.user_type in {UserType.FREELANCER, UserType.BOTH}

    @property
    def has_verified_email(self) -> bool:
        return self.email_verified_at is not None

    @property
    def has_verified_identity(self) -> bool:
        return self.identity_verified_at is not None

    @property
    def may_sign_in(self) -> bool:
        """Active, or closed by the person, who may come back."""
        return self.is_active or self.deactivated_at is not None

    @property
    def is_suspended(self) -> bool:
        return self.suspended_at is not None

    @property
    def avatar_url(self) -> str:
        return self.avatar.url if self.avatar else ""
