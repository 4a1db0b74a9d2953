# Built by: sphinx-build -W . _build
# The folder dist of the npm package backnorm 0.1.0 lies in _static/ as backnorm-0.1.0, where npm install puts it.
project = "Neural networks"
extensions = ["myst_parser"]
html_static_path = ["_static"]
exclude_patterns = ["node_modules", "_build"]
