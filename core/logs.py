"""Structured logs: JSON lines in production, readable ones in development; the request id in every line."""

import logging
import logging.config
from typing import Any

import structlog


def configure(options: dict[str, Any]) -> None:
    """Django's LOGGING_CONFIG: `options` holds "format" (json or console) and "level"."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    renderer: Any = structlog.processors.JSONRenderer()
    if options["format"] == "console":
        shared.remove(structlog.processors.format_exc_info)
        # Plain: the pretty ones print local variables, which may be secrets.
        renderer = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "line": {
                    "()": structlog.stdlib.ProcessorFormatter,
                    "processor": renderer,
                    "foreign_pre_chain": shared,
                }
            },
            "handlers": {"stdout": {"class": "logging.StreamHandler", "formatter": "line"}},
            "root": {"handlers": ["stdout"], "level": options["level"]},
            "loggers": {
                # One line per request is ours (core.middleware); these would say it again.
                "django.request": {"level": "ERROR"},
                "django.channels.server": {"level": "WARNING"},
                "daphne": {"level": "WARNING"},
                "procrastinate": {"level": "WARNING"},
                "stripe": {"level": "WARNING"},
            },
        }
    )
