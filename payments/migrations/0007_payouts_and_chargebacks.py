"""Where people are paid, payouts with their approvals, and chargebacks; with the rules that no code path can go around.

Only adds, so the previous release runs on it.
"""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
import uuid
from django.conf import settings
from django.db import migrations, models

RULES = """
CREATE FUNCTION payments_payout_approval_by_others() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.staff_id = (SELECT user_id FROM payments_payout WHERE id = NEW.payout_id) THEN
        RAISE EXCEPTION 'nobody approves their own payout' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER payments_payout_approval_by_others BEFORE INSERT ON payments_payoutapproval
    FOR EACH ROW EXECUTE FUNCTION payments_payout_approval_by_others();

CREATE FUNCTION payments_payout_keeps_its_terms() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.user_id, NEW.account_id, NEW.amount_minor, NEW.currency, NEW.token, NEW.needs_approval)
        IS DISTINCT FROM (OLD.user_id, OLD.account_id, OLD.amount_minor, OLD.currency, OLD.token, OLD.needs_approval)
        OR (OLD.transfer_id IS NOT NULL AND NEW.transfer_id IS DISTINCT FROM OLD.transfer_id)
        OR (OLD.payout_id IS NOT NULL AND NEW.payout_id IS DISTINCT FROM OLD.payout_id) THEN
        RAISE EXCEPTION 'the terms of payout % are frozen', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.status IN ('failed', 'rejected', 'cancelled') AND NEW.status <> OLD.status THEN
        RAISE EXCEPTION 'payout % has ended', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.needs_approval AND NEW.status = 'sending' AND OLD.status <> 'sending' AND (
        SELECT count(DISTINCT staff_id) FROM payments_payoutapproval WHERE payout_id = OLD.id
    ) < 2 THEN
        RAISE EXCEPTION 'payout % needs two people who approve', OLD.id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER payments_payout_keeps_its_terms BEFORE UPDATE ON payments_payout
    FOR EACH ROW EXECUTE FUNCTION payments_payout_keeps_its_terms();

CREATE TRIGGER payments_payoutevent_append_only BEFORE UPDATE OR DELETE ON payments_payoutevent
    FOR EACH ROW EXECUTE FUNCTION guildhall_append_only();
CREATE TRIGGER payments_payoutapproval_append_only BEFORE UPDATE OR DELETE ON payments_payoutapproval
    FOR EACH ROW EXECUTE FUNCTION guildhall_append_only();
CREATE TRIGGER payments_chargebackevent_append_only BEFORE UPDATE OR DELETE ON payments_chargebackevent
    FOR EACH ROW EXECUTE FUNCTION guildhall_append_only();
"""
NO_RULES = """
DROP TRIGGER payments_chargebackevent_append_only ON payments_chargebackevent;
DROP TRIGGER payments_payoutapproval_append_only ON payments_payoutapproval;
DROP TRIGGER payments_payoutevent_append_only ON payments_payoutevent;
DROP TRIGGER payments_payout_keeps_its_terms ON payments_payout;
DROP FUNCTION payments_payout_keeps_its_terms();
DROP TRIGGER payments_payout_approval_by_others ON payments_payoutapproval;
DROP FUNCTION payments_payout_approval_by_others();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("payments", "0006_money_of_every_kind"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Chargeback",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("dispute_id", models.CharField(editable=False, max_length=80, unique=True)),
                ("amount_minor", models.BigIntegerField()),
                ("currency", models.CharField(max_length=3)),
                ("counted_minor", models.BigIntegerField(default=0, editable=False)),
                ("reason", models.CharField(blank=True, max_length=60)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("inquiry", "The bank asks"),
                            ("needs_response", "Needs an answer"),
                            ("under_review", "With the bank"),
                            ("won", "Won"),
                            ("lost", "Lost"),
                            ("closed", "Closed without a chargeback"),
                        ],
                        editable=False,
                        max_length=14,
                    ),
                ),
                (
                    "taken_at",
                    models.DateTimeField(
                        blank=True, editable=False, help_text="When the bank took the money.", null=True
                    ),
                ),
                ("given_back_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("answer_by", models.DateTimeField(blank=True, null=True)),
                ("evidence", models.JSONField(blank=True, default=dict, help_text="What staff tell the bank.")),
                ("evidence_asked_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("evidence_sent_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "evidence_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "payment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="chargebacks", to="payments.payment"
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="ChargebackEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("move", models.CharField(max_length=40)),
                ("from_status", models.CharField(blank=True, max_length=24)),
                ("to_status", models.CharField(max_length=24)),
                ("reason", models.TextField(blank=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "actor",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "chargeback",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="events", to="payments.chargeback"
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="ConnectAccount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("token", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("account_id", models.CharField(blank=True, editable=False, max_length=80, null=True, unique=True)),
                ("country", models.CharField(max_length=2)),
                ("details_submitted", models.BooleanField(default=False)),
                ("payouts_enabled", models.BooleanField(default=False)),
                (
                    "missing",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=120),
                        blank=True,
                        default=list,
                        help_text="What the provider asks.",
                        size=None,
                    ),
                ),
                ("disabled_reason", models.CharField(blank=True, max_length=120)),
                (
                    "currencies",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=3),
                        blank=True,
                        default=list,
                        help_text="Its banks take these.",
                        size=None,
                    ),
                ),
                (
                    "bank_label",
                    models.CharField(blank=True, help_text='Such as "Stripe Test Bank ending 6789".', max_length=80),
                ),
                (
                    "bank_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=80), blank=True, default=list, size=None
                    ),
                ),
                (
                    "checked_at",
                    models.DateTimeField(blank=True, help_text="When the provider last told its state.", null=True),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="connect_account",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="Payout",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("token", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("amount_minor", models.BigIntegerField()),
                ("currency", models.CharField(max_length=3)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("requested", "Asked for"),
                            ("awaiting_approval", "Being looked at"),
                            ("sending", "Being sent"),
                            ("sent", "On its way to the bank"),
                            ("paid", "Arrived"),
                            ("failed", "Came back"),
                            ("rejected", "Not approved"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="requested",
                        editable=False,
                        max_length=17,
                    ),
                ),
                ("needs_approval", models.BooleanField(default=False, editable=False)),
                ("bank_label", models.CharField(blank=True, max_length=80)),
                ("attempt", models.PositiveSmallIntegerField(default=1, editable=False)),
                ("transfer_id", models.CharField(blank=True, editable=False, max_length=80, null=True, unique=True)),
                ("payout_id", models.CharField(blank=True, editable=False, max_length=80, null=True, unique=True)),
                (
                    "arrives_at",
                    models.DateTimeField(blank=True, help_text="When the provider expects it at the bank.", null=True),
                ),
                ("failure_code", models.CharField(blank=True, max_length=80)),
                ("failure_message", models.CharField(blank=True, max_length=300)),
                (
                    "returned_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="When the transfer of a failed payout was taken back from the account.",
                        null=True,
                    ),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="payouts",
                        to="payments.connectaccount",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="payouts", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="PayoutApproval",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "payout",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="approvals", to="payments.payout"
                    ),
                ),
                (
                    "staff",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="PayoutEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("move", models.CharField(max_length=40)),
                ("from_status", models.CharField(blank=True, max_length=24)),
                ("to_status", models.CharField(max_length=24)),
                ("reason", models.TextField(blank=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "actor",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "payout",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="events", to="payments.payout"
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "abstract": False,
            },
        ),
        migrations.AddConstraint(
            model_name="chargeback",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount_minor__gt", 0)), name="payments_chargeback_amount_positive"
            ),
        ),
        migrations.AddConstraint(
            model_name="chargeback",
            constraint=models.CheckConstraint(
                condition=models.Q(("counted_minor__gte", 0), ("counted_minor__lte", models.F("amount_minor"))),
                name="payments_chargeback_counted_within",
            ),
        ),
        migrations.AddConstraint(
            model_name="chargeback",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "currency__in",
                        [
                            "AED",
                            "AUD",
                            "BHD",
                            "BRL",
                            "CAD",
                            "CHF",
                            "CLP",
                            "COP",
                            "CZK",
                            "DKK",
                            "EGP",
                            "EUR",
                            "GBP",
                            "GHS",
                            "HUF",
                            "IDR",
                            "ILS",
                            "INR",
                            "JOD",
                            "JPY",
                            "KES",
                            "KRW",
                            "KWD",
                            "MAD",
                            "MXN",
                            "NGN",
                            "NOK",
                            "NZD",
                            "OMR",
                            "PHP",
                            "PLN",
                            "RON",
                            "SEK",
                            "SGD",
                            "THB",
                            "TND",
                            "TRY",
                            "UAH",
                            "USD",
                            "VND",
                            "ZAR",
                        ],
                    )
                ),
                name="payments_chargeback_currency_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="chargeback",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("status__in", ["inquiry", "needs_response", "under_review", "won", "lost", "closed"])
                ),
                name="payments_chargeback_status_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="chargeback",
            constraint=models.CheckConstraint(
                condition=models.Q(("given_back_at__isnull", True), ("taken_at__isnull", False), _connector="OR"),
                name="payments_chargeback_taken_before_given_back",
            ),
        ),
        migrations.AddIndex(
            model_name="payout",
            index=models.Index(fields=["user", "-id"], name="payments_payout_user"),
        ),
        migrations.AddIndex(
            model_name="payout",
            index=models.Index(
                condition=models.Q(("status__in", ["requested", "awaiting_approval", "sending", "sent"])),
                fields=["updated_at"],
                name="payments_payout_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="payout",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount_minor__gt", 0)), name="payments_payout_amount_positive"
            ),
        ),
        migrations.AddConstraint(
            model_name="payout",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "currency__in",
                        [
                            "AED",
                            "AUD",
                            "BHD",
                            "BRL",
                            "CAD",
                            "CHF",
                            "CLP",
                            "COP",
                            "CZK",
                            "DKK",
                            "EGP",
                            "EUR",
                            "GBP",
                            "GHS",
                            "HUF",
                            "IDR",
                            "ILS",
                            "INR",
                            "JOD",
                            "JPY",
                            "KES",
                            "KRW",
                            "KWD",
                            "MAD",
                            "MXN",
                            "NGN",
                            "NOK",
                            "NZD",
                            "OMR",
                            "PHP",
                            "PLN",
                            "RON",
                            "SEK",
                            "SGD",
                            "THB",
                            "TND",
                            "TRY",
                            "UAH",
                            "USD",
                            "VND",
                            "ZAR",
                        ],
                    )
                ),
                name="payments_payout_currency_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="payout",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "status__in",
                        [
                            "requested",
                            "awaiting_approval",
                            "sending",
                            "sent",
                            "paid",
                            "failed",
                            "rejected",
                            "cancelled",
                        ],
                    )
                ),
                name="payments_payout_status_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="payout",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status__in", ["sent", "paid"]), _negated=True),
                    models.Q(("payout_id__isnull", False), ("transfer_id__isnull", False)),
                    _connector="OR",
                ),
                name="payments_payout_sent_at_provider",
            ),
        ),
        migrations.AddConstraint(
            model_name="payout",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("returned_at__isnull", True),
                    models.Q(("status", "failed"), ("transfer_id__isnull", False)),
                    _connector="OR",
                ),
                name="payments_payout_returned_after_failure",
            ),
        ),
        migrations.AddConstraint(
            model_name="payoutapproval",
            constraint=models.UniqueConstraint(
                fields=("payout", "staff"), name="payments_payout_approved_once_by_each"
            ),
        ),
        migrations.RunSQL(RULES, NO_RULES),
    ]
