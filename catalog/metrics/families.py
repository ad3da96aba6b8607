"""The one table of figures: name, kind, labels, meaning.

Owns which figures exist; docs/metrics.md is generated from it. Must never have a label whose values a client or a
tenant chooses: no ids, no names, no paths but the templates of routes.
"""

from __future__ import annotations

from dataclasses import dataclass

COUNTER, GAUGE, HISTOGRAM = "counter", "gauge", "histogram"


@dataclass(frozen=True, slots=True)
class Family:
    """One figure; a counter's name ends with ``_total``, times are in seconds, sizes in bytes.

    ``buckets`` are those of a histogram.
    """

    name: str
    kind: str
    help: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()


_REQUEST_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0, 600.0)
_STORE_BUCKETS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0)

BUILD = Family("calotype_build_info", GAUGE, "Always 1; the label tells the version that runs.", ("version",))

REQUESTS = Family(
    "calotype_requests_total", COUNTER,
    "Requests answered, transfers when they have ended; `route` is a template, `unmatched` where there is none.",
    ("route", "method", "status"),
)  # fmt: skip
REQUEST_SECONDS = Family(
    "calotype_request_seconds", HISTOGRAM, "Time from the headers of a request to the end of its answer.",
    ("route", "method"), _REQUEST_BUCKETS,
)  # fmt: skip
REQUESTS_RUNNING = Family(
    "calotype_requests_running", GAUGE,
    "Requests that are being served; uploads and downloads are those of the routes that end with `/file`.",
    ("route", "method"),
)  # fmt: skip
RECEIVED = Family("calotype_received_bytes_total", COUNTER, "Bytes of request bodies, counted while they arrive.")
SENT = Family("calotype_sent_bytes_total", COUNTER, "Bytes of answers, counted while they leave.")

STORE_CALLS = Family(
    "calotype_store_calls_total", COUNTER,
    "Calls to a store, each try counted; `result` is `ok` or the kind of error. NotFound, NotModified, AlreadyExists "
    "and PreconditionFailed are ordinary answers.",
    ("store", "operation", "result"),
)  # fmt: skip
STORE_SECONDS = Family(
    "calotype_store_call_seconds", HISTOGRAM,
    "Time of a call to a store; of `get` and `list` until the first bytes are there.",
    ("store", "operation"), _STORE_BUCKETS,
)  # fmt: skip
STORE_RUNNING = Family(
    "calotype_store_calls_running", GAUGE, "Calls to a store under way; `put_part` are the parts in flight.",
    ("store", "operation"),
)  # fmt: skip

INDEX_POSITION = Family("calotype_index_position", GAUGE, "Number of the last journal entry that the index holds.")
INDEX_PROOF_AGE = Family(
    "calotype_index_proof_age_seconds", GAUGE,
    "Time since the index was last known to be current; it grows while nobody lists or writes. Every list renews it.",
)  # fmt: skip
INDEX_ROWS = Family("calotype_index_rows", GAUGE, "Records that the index knows, tombstones too, or a little more.")
INDEX_OUTBOX = Family("calotype_index_outbox", GAUGE, "Changes that are stored but not yet in the journal.")
JOURNAL_APPENDS = Family("calotype_journal_appends_total", COUNTER, "Entries that this process put into the journal.")
JOURNAL_RACES = Family(
    "calotype_journal_races_total", COUNTER, "Entries that were tried again, as another node was first."
)

TASKS = Family(
    "calotype_tasks", GAUGE, "Tasks of the whole catalog by state, as this process last saw them.", ("state",)
)
TASKS_HELD = Family("calotype_tasks_held", GAUGE, "Tasks that this process carries out or has waiting.")

CACHE_LOOKUPS = Family(
    "calotype_cache_lookups_total", COUNTER,
    "Downloads that looked into the image cache; `result` is `hit` or `miss`.", ("result",),
)  # fmt: skip
TRANSFER_MEMORY = Family("calotype_transfer_memory_bytes", GAUGE, "Part of `transfer_memory` that transfers hold.")
CLEANUP_WAITING = Family(
    "calotype_cleanup_waiting", GAUGE, "Removals that failed and are repeated until the store is back."
)

SWEEPS = Family("calotype_sweeps_total", COUNTER, "Sweeps that ended; `result` is `ok` or `failed`.", ("result",))
SWEPT = Family(
    "calotype_swept_total", COUNTER, "What sweeps removed or put right, by kind of garbage.", ("kind",)
)  # fmt: skip
SWEEP_AT = Family("calotype_sweep_last_success_seconds", GAUGE, "When a sweep last ended well, in seconds since 1970.")

READY = Family(
    "calotype_ready", GAUGE, "What `/ready` last said of a part: 1 or 0. Parts that nobody asked for are absent.",
    ("part",),
)  # fmt: skip

COUNTED = (
    BUILD, REQUESTS, REQUEST_SECONDS, REQUESTS_RUNNING, RECEIVED, SENT, STORE_CALLS, STORE_SECONDS, STORE_RUNNING,
    SWEEPS, SWEPT, SWEEP_AT,
)  # fmt: skip
"""Figures that are counted where things happen."""

LOOKED_UP = (
    INDEX_POSITION, INDEX_PROOF_AGE, INDEX_ROWS, INDEX_OUTBOX, JOURNAL_APPENDS, JOURNAL_RACES, TASKS, TASKS_HELD,
    CACHE_LOOKUPS, TRANSFER_MEMORY, CLEANUP_WAITING, READY,
)  # fmt: skip
"""Figures that are looked up when somebody asks."""

FAMILIES = (*COUNTED, *LOOKED_UP)
