"""Reading what sites owe and what they stated."""
