"""The journal: numbered change entries in the bucket, by which nodes learn what changed."""
