"""Benchmarks: longer runs, outside the tests, each printing one table.

What lives here: third-party instances read from a folder, their models, tables. What does not: the
search itself and the generator of instances, which are ``optim``'s.
"""
