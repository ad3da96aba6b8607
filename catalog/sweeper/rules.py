"""The table of the rules, in the order in which they run.

Owns nothing but the list: what a rule does is in the module of its name.
"""

from __future__ import annotations

from collections.abc import Sequence

from catalog.sweeper import stray_uploads
from catalog.sweeper.rule import Rule

RULES: Sequence[Rule] = (stray_uploads.RULE,)
