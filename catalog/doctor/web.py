"""Plain HTTP requests to the store, as clients with a presigned URL make them.

Owns the pool of connections. Must never send a credential, nor follow a redirect.
"""

from __future__ import annotations

from typing import Any

from urllib3 import PoolManager, ProxyManager
from urllib3.exceptions import HTTPError
from urllib3.util import Timeout

from catalog.doctor.subject import Web, WebAnswer, WebRequest
from catalog.store.errors import Unavailable

_MOST = 2**20


def open_web(ca_bundle: str, proxy: str, connect: float, read: float) -> Web:
    """Give a function that makes requests; times in seconds, both texts empty where there is none."""
    options: dict[str, Any] = {"timeout": Timeout(connect=connect, read=read), "ca_certs": ca_bundle or None}
    pool = ProxyManager(proxy, **options) if proxy else PoolManager(**options)

    def ask(request: WebRequest) -> WebAnswer:
        try:
            answer = pool.request(
                request.method,
                request.url,
                body=request.body,
                headers=dict(request.headers),
                retries=False,
                redirect=False,
                preload_content=False,
            )
            body = answer.read(_MOST)
            answer.release_conn()
        except HTTPError as error:
            # The text of the error would show the URL, which is a credential.
            raise Unavailable(f"{request.method} by a presigned URL: {type(error).__name__}") from error
        return WebAnswer(answer.status, answer.headers, body)

    return ask
