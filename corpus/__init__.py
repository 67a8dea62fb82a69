"""The data the product ships: controls, frameworks, checks, golden examples and provider facts."""
