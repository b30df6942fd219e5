"""``python -m optim.anneal``: compile ahead, so that no cook waits for it."""

from optim.anneal.ready import ready

ready()
