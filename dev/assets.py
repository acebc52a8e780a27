"""Build the web client's files once: `python -m dev.assets DATABASE`.

Otherwise every browser test builds them anew, because its database is rolled back at its end:
seconds each time, and more than its patience on a busy machine.
"""

import os
import sys

import odoo
from odoo.api import SUPERUSER_ID, Environment
from odoo.modules.registry import Registry

# What a page of the web client loads in a test.
SCRIPTS = ('web.assets_web', 'web.assets_tests')
STYLES = ('web.assets_web', 'web.assets_web_print')


def build(env):
    """Store the bundles in the database."""
    for bundle in SCRIPTS:
        env['ir.qweb']._get_asset_bundle(bundle, css=False, js=True).js()
    for bundle in STYLES:
        env['ir.qweb']._get_asset_bundle(bundle, css=True, js=False).css()


def main():
    """Build the bundles in one database and commit them."""
    options = ['-c', os.environ['ODOO_RC'], '-d', sys.argv[1], '--log-level=error']
    odoo.tools.config.parse_config(options)
    with Registry(sys.argv[1]).cursor() as cr:
        build(Environment(cr, SUPERUSER_ID, {}))


if __name__ == '__main__':
    main()
