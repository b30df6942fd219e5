"""Room reports: figures (frozen dataclasses) and PDF."""
