"""One module per command: `run(...)` takes plain arguments, prints, and returns the exit code."""
