"""The promises to the user, tested over real sockets against the sandbox."""
