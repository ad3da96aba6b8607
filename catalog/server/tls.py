"""TLS by the server itself (RFC 8446; version 1.2 at least).

Owns how connections are made safe, and that a renewed certificate is taken without a restart. Must never ask for a
passphrase: a server has nobody to ask.
"""

from __future__ import annotations

import ssl
from pathlib import Path

from catalog.settings import Settings, SettingsError
from catalog.watched import Watched

Tls = Watched[ssl.SSLContext]


def open_tls(settings: Settings) -> Tls | None:
    """Give what makes connections safe; None where they are plain. Raises SettingsError."""
    certificate, key, authorities = settings.cert_file, settings.key_file, settings.ca_file
    if not certificate:
        if key or authorities:
            raise SettingsError("setting cert_file: must be set where key_file or ca_file is")
        return None
    paths = [Path(path) for path in (certificate, key, authorities) if path]
    for name, path in (("cert_file", certificate), ("key_file", key), ("ca_file", authorities)):
        if path and not Path(path).is_file():
            raise SettingsError(f"setting {name}: {path}: no such file")
    try:
        return Watched("certificates", paths, lambda: _context(certificate, key, authorities))
    except OSError as error:  # ssl.SSLError too
        raise SettingsError(f"setting cert_file: the certificate and its key do not work: {error}") from error


def _context(certificate: str, key: str, authorities: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificate, key or None, password=lambda: "")
    if authorities:
        context.load_verify_locations(authorities)
        context.verify_mode = ssl.CERT_REQUIRED
    return context
