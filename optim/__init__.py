"""The brain: plain frozen data and calculation. No file, no database, no web.

What lives here: the question (``instance``), the answer (``plan``), the rules of the law and
of the kitchen (``rules``), their checking without a solver (``check``) and the search
(``model``, ``solve``, ``explain``). What does not: anything that knows a page, a row or a clock.
"""
