"""Drafts of remediations: from a finding to a patch, or to the reason why there is none."""
