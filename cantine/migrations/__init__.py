"""Steps from one form of the database to the next, run at start by ``cantine.upgrade``.

A changed model needs a new step: ``python -m cantine.migrations "why"`` writes it from the
models; read it before committing it. A test refuses models and steps that differ.
"""
