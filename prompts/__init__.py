"""The prompts that the product ships, as data: one a file, with closed front matter."""
