"""Invented data packages."""
