"""A campaign of faults: edits, syncs, kills and failures in any order, in separate processes."""
