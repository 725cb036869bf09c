"""The destination: the API of iPaaS.com."""
