"""The S3 server that the command line names (``--endpoint``).

Owns nothing of it: credentials come from the environment, as for any other program.
"""

from __future__ import annotations

import os
from typing import Any

from backends.s3.client import S3Options, make_client


class NamedServer:
    """A server that somebody else started, and stops."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint
        self.environment = {name: value for name, value in os.environ.items() if name.startswith("AWS_")}

    def client(self) -> Any:
        """Give a client of this server."""
        return make_client(S3Options(endpoint=self.endpoint))
