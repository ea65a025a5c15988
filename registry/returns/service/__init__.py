"""Use cases of the returns: facts from the ledger, the return made from them, the explanation of a figure."""
