"""The list of services: looked at, changed, tried, and their jobs imported."""
