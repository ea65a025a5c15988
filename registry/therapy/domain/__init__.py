"""What a daily sheet says, by which rules it is judged, and what of many sheets may be told. Pure."""
