"""Moving image bytes: hashing, inspection, parts and read-ahead, without images or HTTP."""
