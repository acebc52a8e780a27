"""Take the pictures of the user guide: `python3 dev/run.py python -m dev.screenshots`.

A local Shopify, a new database with the addon and a browser, as a user would see them. The pictures
go to docs/screenshots and replace those of last time.
"""

import contextlib
import json
import os
import subprocess
import time
import urllib.error
import urllib.request
from urllib.parse import urlsplit

from PIL import Image

from dev import db
from dev.chromium import Browser
from dev.common import REPO, SetupError, checkout_dir, main, step
from dev.demo import free_port

DATABASE = 'shopify_screenshots'
TARGET = REPO / 'docs' / 'screenshots'
ORDERS = 60
SEED = 42
_SYNC_MENU = 'shopify_connector.menu_sync_shipments'
# The views have arrived and nothing is loading.
_SETTLED = (
    "document.querySelector('.o_action_manager .o_view_controller, .o_dialog .o_form_view')"
    " && !document.querySelector('.o_loading_indicator')"
)


@contextlib.contextmanager
def program(command, name, **options):
    """Run a program for the time of the block; its log is beside those of the demo."""
    with (checkout_dir() / f'screenshots-{name}.log').open('w') as log:
        options = {'stdout': log, 'stderr': log, 'stdin': subprocess.DEVNULL, **options}
        child = subprocess.Popen(command, cwd=REPO, **options)
        try:
            yield child
        finally:
            child.terminate()
            child.wait()


@contextlib.contextmanager
def local_shopify():
    """Run a twin and yield what it says of itself."""
    command = ['python', '-m', 'shopify_twin', '--orders', str(ORDERS), '--seed', str(SEED)]
    with program(command, 'twin', stdout=subprocess.PIPE, text=True) as child:
        line = child.stdout.readline()
        if not line:
            raise SetupError("The local Shopify did not start.")
        yield json.loads(line)


@contextlib.contextmanager
def odoo_server(database=DATABASE, cron_threads=0):
    """Run Odoo, without scheduled actions unless it gets threads for them; yield its address."""
    port = free_port(8071)
    command = ['odoo', 'server', '-d', database, '--db-filter', f'^{database}$']
    command += [
        '--http-interface',
        '127.0.0.1',
        '--http-port',
        str(port),
        '--max-cron-threads',
        str(cron_threads),
    ]
    address = f'http://127.0.0.1:{port}'
    with program(command, 'odoo') as child:
        deadline = time.monotonic() + 120
        while not _answers(address):
            if child.poll() is not None or time.monotonic() > deadline:
                raise SetupError("Odoo did not start.")
            time.sleep(0.3)
        yield address


def _answers(address):
    try:
        with urllib.request.urlopen(f'{address}/web/login', timeout=60) as answer:  # noqa: S310 - own address
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False


class Photographer:
    """Goes through the screens and takes a picture of each."""

    def __init__(self, browser, address):
        self.browser = browser
        self.address = address

    def sign_in(self):
        """Sign in as the administrator."""
        browser = self.browser
        browser.open(f'{self.address}/web/login')
        browser.fill('input[name=login]', 'admin')
        browser.fill('input[name=password]', 'admin')
        browser.evaluate("document.querySelector('form.oe_login_form').submit()")
        browser.wait_for_selector('.o_main_navbar')

    def go(self, path):
        """Open a path of the web client and wait until it stands still."""
        self.browser.open(f'{self.address}{path}')
        self.settle()

    def settle(self):
        """Wait until the views are there."""
        self.browser.wait_for(_SETTLED)
        time.sleep(1)  # animations, fonts

    def take(self, name, path=None, height=None):
        """Save a picture, of a path if one is given; few colors keep the files small."""
        if path:
            self.go(path)
        file = TARGET / f'{name}.png'
        self.browser.picture(file, height)
        with Image.open(file) as image:
            image.convert('RGB').quantize(128).save(file, optimize=True)

    def connect(self, twin):
        """Connect the store in the wizard, with a picture of each step."""
        self.take('dashboard-empty', '/odoo/shopify')
        self.go('/odoo/shopify-connect')
        self.browser.fill("div[name='domain'] input", urlsplit(twin['url']).netloc)
        self.browser.fill("div[name='client_id'] input", twin['client_id'])
        self.browser.fill("div[name='client_secret'] input", twin['client_secret'])
        self.take('connect')
        self.browser.click("button[name='action_connect']")
        self.browser.wait_for_selector('.modal .alert-success')
        self.settle()
        self.take('connected')
        self.browser.click("button[name='action_open_shop']")
        self.settle()

    def tour(self, scene):
        """Take the pictures of a store at work.

        :param dict scene: ids of the records to show
        """
        self.take('dashboard', '/odoo/shopify', height=420)
        self.take('orders-to-import', '/odoo/shopify-orders-to-import')
        self.take('shopify-orders', '/odoo/shopify-orders')
        self.take('shopify-order', f"/odoo/shopify-orders/{scene['order']}", height=1000)
        self.take('shopify-order-failed', f"/odoo/shopify-orders/{scene['failed']}")
        self.take('sales-order', f"/odoo/sales/{scene['sale']}", height=1000)
        self.take('shop', f"/odoo/shopify-shops/{scene['shop']}", height=1000)
        self.take('locations', '/odoo/shopify-locations', height=420)
        self.take('taxes', '/odoo/shopify-taxes')
        self.take('variants', '/odoo/shopify-variants')
        self.take('customers', '/odoo/shopify-customers')
        self.ship(scene)
        self.go('/odoo/shopify-orders-to-import')
        self.browser.click('.o_control_panel button:not(.dropdown-toggle)')
        self.browser.wait_for_selector('.modal .o_form_view')
        self.settle()
        self.take('import-with-filters')

    def ship(self, scene):
        """Take the pictures of shipments to Shopify."""
        self.take('deliveries', '/odoo/shopify-deliveries', height=420)
        self.take('delivery-not-sent', f"/odoo/shopify-deliveries/{scene['held']}")
        self.go(f"/odoo/shopify-deliveries/{scene['sent']}")
        self.browser.click(".o_notebook a[name='shopify']")
        self.settle()
        self.take('delivery-sent')
        self.go(f"/odoo/shopify-shops/{scene['shop']}")
        self.browser.click(".o_notebook a[name='shipments']")
        self.settle()
        self.take('shop-shipments', height=1000)
        self.go('/odoo/shopify')
        self.browser.click("button[data-menu-xmlid='shopify_connector.menu_orders']")
        self.browser.wait_for_selector(f"[data-menu-xmlid='{_SYNC_MENU}']")
        self.browser.click(f"[data-menu-xmlid='{_SYNC_MENU}']")
        self.browser.wait_for_selector('.modal .o_form_view')
        self.settle()
        self.take('sync-shipments')


def _command(_arguments):
    if 'ODOO_RC' not in os.environ:
        raise SetupError("Run this with: python3 dev/run.py python -m dev.screenshots")
    environ = dict(os.environ)
    TARGET.mkdir(parents=True, exist_ok=True)
    db.fresh(DATABASE, environ, db.ADDON)
    try:
        with local_shopify() as twin, odoo_server() as address, Browser() as browser:
            photographer = Photographer(browser, address)
            photographer.sign_in()
            with step("Pictures of the connection"):
                photographer.connect(twin)
            with step("Orders"):
                scene = _build_scene(twin)
            with step("Pictures of the orders"):
                photographer.tour(scene)
    finally:
        db.drop(DATABASE, environ)
    return 0


def _build_scene(twin):
    command = ['python', '-m', 'dev.screenshot_scene', DATABASE, json.dumps(twin)]
    done = subprocess.run(command, cwd=REPO, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SetupError(f"The orders for the pictures failed:\n{done.stderr[-3000:]}")
    return json.loads(done.stdout.splitlines()[-1])


if __name__ == '__main__':
    main(_command)
