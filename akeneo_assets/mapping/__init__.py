"""Pure functions from mirror records to payloads of iPaaS.com, and the mapping file that governs them."""
