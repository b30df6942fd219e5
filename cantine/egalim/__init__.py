"""What was bought in a calendar year, as the law counts it.

What lives here: purchases of the year so far, by kitchen. What does not: the purchases planned or
proposed (``planning``), the labels of an offer (``suppliers``).
"""
