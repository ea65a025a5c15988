"""The drawers of signed papers; each knows the model in `exports.paper` and one library."""
