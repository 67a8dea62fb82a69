"""Where what a stranger or a model wrote is evaluated: a forked child that can open, start and connect nothing."""
