"""The stores: what came in, what went out, what is left.

Here: receptions, the ledger of stock moves, inventories. Not here: the lots (``suppliers.StockLot``,
the balance of the ledger, read by the planner), orders, invoices.
"""
