"""Room suppliers: suppliers, offers, market lots and the opening stock."""
