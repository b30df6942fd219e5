"""The search from plan to plan, compiled: hundreds of thousands of priced moves in a few seconds.

What lives here: the question as arrays (``records``, ``menus``, ``market``, ``build``), the compiled
moves and their price (``rows``, ``larder``, ``moves``, ``cooling``), and the walker that turns both
into plans (``walker``). What does not: rules of its own. Menus are held to the rows that the rules
write for the solvers, so a rule is never written a third time.
"""
