"""Running the registry for real: its state examined, its data backed up and brought back."""
