"""How deep the property tests go: `make test`, or `make test-long` with many more examples."""

import os

LONG = os.environ.get("REGISTRY_TEST_LONG") == "1"
EXAMPLES = 500 if LONG else 50
