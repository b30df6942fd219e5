"""``python -m optim.anneal``: compile ahead, so that no cook waits; what an earlier release left goes."""

import shutil

from optim.anneal.compiled import FOLDER
from optim.anneal.ready import ready

ready()
for other in FOLDER.parent.glob("compiled-*"):
    if other != FOLDER:
        shutil.rmtree(other)
