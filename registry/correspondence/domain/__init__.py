"""What a permit is as a file, how two files differ, what is sent abroad. Pure."""
