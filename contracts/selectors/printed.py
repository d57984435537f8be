"""The record of a dispute on paper."""

from dataclasses import replace

from django.template.loader import render_to_string
from django.utils import timezone

from contracts.selectors.disputes import DisputeRecord
from core.pdf import pdf

MESSAGES_PRINTED = 500


def record_pdf(record: DisputeRecord) -> bytes:
    """The same as on the page, with the names of files instead of links, in the reader's time zone."""
    printed = replace(record, most_messages=MESSAGES_PRINTED)
    return pdf(
        render_to_string(
            "contracts/print/record.html",
            {
                "record": printed,
                "dispute": printed.dispute,
                "contract": printed.contract,
                "printed": True,
                "made_at": timezone.now(),
            },
        )
    )
