"""Orders: what is asked of a supplier, its life, the producer's answers, and the ledger of what was bought.

Here: orders and their versions, numbers without holes, events, links and answers of producers, announcements,
messages to send, files kept, purchases (one row for each line really bought: every share, threshold and
file of the State is counted from them). Not here: receptions and stock (``stores``), invoices (``invoices``),
orders made from a plan (``planning``), papers (``reports``), e-mail (``sending``).
"""
