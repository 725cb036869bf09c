"""Configuration of the documentation site. Build it with ``make docs``."""

project = "akeneo_assets"
extensions = ["myst_parser"]
html_theme = "furo"
html_title = "akeneo_assets"
exclude_patterns = ["requirements.lock"]
myst_heading_anchors = 4
# Links to files of the repository that are not pages, such as the default mapping.
myst_url_schemes = ["http", "https", "mailto"]
nitpicky = True
# `console` blocks contain output and placeholders, which lexers reject.
suppress_warnings = ["misc.highlighting_failure"]
