"""What `dg scaffold defs` adds."""
