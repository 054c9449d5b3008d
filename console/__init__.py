"""The staff console: web pages for the people who answer (FastAPI, Jinja2, htmx)."""
