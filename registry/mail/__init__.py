"""Letters that go out by electronic mail: queued with the deed they tell of, sent afterwards, tried again."""
