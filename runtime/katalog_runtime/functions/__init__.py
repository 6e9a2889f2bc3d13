"""The functions that expressions may call: a closed table, declared once, in modules by group."""
