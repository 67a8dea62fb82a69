"""What the copilot knows beside the tree under review: passages, and how they are found."""
