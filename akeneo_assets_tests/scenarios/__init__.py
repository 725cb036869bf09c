"""What a user is promised, shown over real sockets on the sandbox."""
