"""A campaign of faults: edits, syncs, kills and failures in any order, in processes of their own."""
