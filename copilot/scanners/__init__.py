"""Outside scanners, as adapters: each runs in its own process, on copies, without the repository's configuration."""
