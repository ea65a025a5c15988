"""Files in and out: every kind of file, read, checked and taken in whole or not at all."""
