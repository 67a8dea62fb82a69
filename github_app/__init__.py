"""The GitHub App: deliveries in, one review out."""
