"""``calotype metrics-table``: the page of figures.

Owns the form of docs/metrics.md. Must never name a figure: the table does that.
"""

from __future__ import annotations

import click

from catalog.metrics.families import FAMILIES

_HEAD = """\
# Metrics

`GET /metrics` gives figures in Prometheus' text format. No label holds an id, a name or anything else that a client or
a tenant chooses, so their number is bounded; routes are templates, as in [the list of calls](api.md).

| `metrics` | Who may read them |
|---|---|
| `loopback` (default) | callers on the same host that no proxy speaks for (no `X-Forwarded-For` and the like) |
| `all` | everybody who reaches the server, without an identity |
| `off` | nobody |

To all others the path does not exist (404). A proxy on the same host that adds no such header makes everybody look
local: use `off` there. `metrics_bind = "10.0.0.5:9293"` serves the figures, and nothing else, on an address that only
the monitoring reaches; it goes on working while all threads of the server are busy, and is independent of `metrics`.

Every server process is a target of its own: `calotype serve` has one serving process (its parent serves nothing), and
several servers on one host, each with its own `bind`, are several targets. Counters begin at 0 when a process starts.
Asking costs the store nothing. A figure that a node cannot have (no cache, nothing swept yet) has no samples.

```yaml
scrape_configs:
  - job_name: calotype
    static_configs:
      - targets: ["10.0.0.5:9293", "10.0.0.6:9293", "10.0.0.7:9293"]
```

`deploy/grafana/calotype.json` is a dashboard to import, `deploy/prometheus/alerts.yml` a file of alert rules; both use
only what stands below. `calotype_tasks` is the same on every node: take the maximum, not the sum.

The figures of the process itself (`process_cpu_seconds_total`, `process_resident_memory_bytes`, `process_open_fds` and
others) are those of every Prometheus client.

This page is printed by `calotype metrics-table`.

| Figure | Kind | Labels | Meaning |
|---|---|---|---|
"""


def markdown() -> str:
    """Give the whole page."""
    rows = []
    for family in FAMILIES:
        labels = ", ".join(f"`{label}`" for label in family.labels) or "-"
        rows.append(f"| `{family.name}` | {family.kind} | {labels} | {family.help} |\n")
    return _HEAD + "".join(rows)


@click.command("metrics-table", hidden=True)
def metrics_table() -> None:
    """Print the table of all figures (Markdown)."""
    click.echo(markdown(), nl=False)
