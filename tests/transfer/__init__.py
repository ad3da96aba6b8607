"""The pieces that move image bytes, without images or HTTP."""
