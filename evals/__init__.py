"""Evaluation: cases whose right answer is decided outside the gate, runs that can be re-scored, figures with intervals."""
