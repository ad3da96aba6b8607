"""What the Image API v1 does otherwise than the v2: the same images, rules and stores."""
