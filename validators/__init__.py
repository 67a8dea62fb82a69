"""Validators: one a file; each judges a drafted patch and answers with a Verdict. No model, no network."""
