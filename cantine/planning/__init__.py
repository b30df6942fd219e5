"""Room planning: the only caller of optim: rows to instance, plan to rows, runs, edits."""
