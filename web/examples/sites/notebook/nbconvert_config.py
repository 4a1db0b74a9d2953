# Built by: jupyter nbconvert --config nbconvert_config.py --to html --execute batch-norm.ipynb
# The page in one file, backnorm.html, lies beside the notebook as backnorm-0.1.0.html.
c = get_config()  # noqa: F821
# no formula and no widget here: these two scripts, which come from elsewhere, are not needed
c.HTMLExporter.mathjax_url = ""
c.HTMLExporter.require_js_url = ""
