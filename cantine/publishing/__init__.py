"""Room publishing: what leaves the house for diners, families and neighbouring software.

What lives here: public pages, the calendar feed, PRONOTE, open data (SCDL), the yearly poster; each from
validated menus only. What does not: validating a menu and what was announced of it (``menus``), the papers of
the kitchen (``reports``).
"""
