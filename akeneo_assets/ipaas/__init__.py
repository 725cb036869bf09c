"""The destination: a client for the iPaaS.com API."""
