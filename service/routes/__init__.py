"""Routes: each reads the request, calls one domain function and renders one page."""
