"""Buckets of any S3 server as a store: ``store`` has the verbs, the modules beside it have one concern each."""

from backends.s3.store import S3Store

__all__ = ["S3Store"]
