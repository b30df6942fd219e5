"""Room accounts: people: users, roles, sign-in, who may see which kitchen, the journal of changes."""
