"""The compliance copilot: reviews changes to infrastructure code against controls, and proves what it suggests."""

__version__ = "0.1.0"
