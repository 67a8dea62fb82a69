"""Infrastructure code: bytes to resources with values and places, one file per format."""
