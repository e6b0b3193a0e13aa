"""The local UWS 1.1 service."""
