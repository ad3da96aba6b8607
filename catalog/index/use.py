"""What one project's images take, as the index counts it.

Owns the select and its meaning. Must never know a limit.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Use:
    """What one project has: images, those of them that get data now, and bytes.

    ``stored`` counts an image once for each of its locations, ``staged`` what waits for an import.
    """

    images: int
    receiving: int
    stored: int
    staged: int


OF_OWNER = """
SELECT count(*), ifnull(sum(status IN ('saving', 'uploading', 'importing')), 0),
    ifnull(sum(CASE WHEN size > 0 THEN size * locations ELSE 0 END), 0),
    ifnull(sum(CASE WHEN size > 0 AND status IN ('uploading', 'importing') THEN size ELSE 0 END), 0)
FROM images WHERE owner IS ? AND status <> 'killed'
"""
COUNT_OF_OWNER = "SELECT count(*) FROM images WHERE owner IS ?"
"""All living images, those with a broken upload too: from the index of owners alone."""
