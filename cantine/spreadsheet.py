"""What spreadsheets do to text: known to everything that writes files for them."""

GUARDED = tuple("=+-@\t\r")
"""First characters a spreadsheet takes for a formula; such text is written after an apostrophe."""
