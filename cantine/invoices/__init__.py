"""Invoices: read from Factur-X, UBL or CII, or typed; matched line by line with orders and receptions."""
