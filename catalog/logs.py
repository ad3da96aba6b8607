"""Log lines: one JSON object each, on standard error, with the request's id.

Owns the set-up of logging. Must never be given a credential: what is logged is chosen where it is logged.
"""

from __future__ import annotations

import logging
import sys
import threading

import structlog

_log = structlog.get_logger("calotype")

_PROCESSORS: list[structlog.types.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
]
_NOISY = ("boto3", "botocore", "urllib3", "s3transfer", "oslo_utils", "keystoneauth", "keystonemiddleware")
"""Libraries whose lines of little weight show headers, signatures and what Keystone says of a wrong token."""


def use_standard_logging() -> None:
    """Hand log lines to the standard library's loggers, unless the embedding program has set up structlog."""
    if not structlog.is_configured():
        structlog.configure(
            processors=[
                structlog.stdlib.filter_by_level,
                *_PROCESSORS,
                structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
            ],
            logger_factory=structlog.stdlib.LoggerFactory(),
            cache_logger_on_first_use=True,
        )


def configure(level: str) -> None:
    """Send all log lines, those of libraries too, through one JSON renderer to standard error."""
    use_standard_logging()
    finish = [structlog.stdlib.ProcessorFormatter.remove_processors_meta, structlog.processors.JSONRenderer()]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=_PROCESSORS, processors=finish)  # type: ignore[arg-type]
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in _NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.captureWarnings(True)
    threading.excepthook = _thread_failed
    sys.unraisablehook = _not_raised


def _thread_failed(failed: threading.ExceptHookArgs) -> None:
    """Log what Python would print as plain text."""
    name = failed.thread.name if failed.thread else ""
    if failed.exc_value is not None:
        _log.error("thread failed", thread=name, exc_info=failed.exc_value)


def _not_raised(failed: sys.UnraisableHookArgs) -> None:
    """Log what Python would print as plain text."""
    if failed.exc_value is not None:
        _log.error("error while tidying up", exc_info=failed.exc_value)
