"""The servers of the class: the instructor's may show Formgrader, a page of its own, within JupyterLab.

JupyterHub forbids pages to stand in others, so that no student's page can borrow the instructor's buttons. This lifts
it for the instructor's pages, and for this hub only. Where students may not be trusted, give each user a domain
(c.JupyterHub.subdomain_host), or leave this file out and open Formgrader in a tab: /user/instructor/formgrader
"""

import os

c = get_config()

if os.environ.get("JUPYTERHUB_USER") == os.environ.get("THLAB_INSTRUCTOR"):
    c.ServerApp.tornado_settings = {"headers": {"Content-Security-Policy": "frame-ancestors 'self'"}}
