"""A small driver of a headless Chromium over its DevTools protocol, for pictures of screens."""

import base64
import contextlib
import itertools
import json
import os
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path

import websocket

from dev.common import SetupError

_START_SECONDS = 30
_POLL_SECONDS = 0.1


class Browser:
    """One page of a Chromium of its own; use as a context manager."""

    def __init__(self, width=1440, height=900):
        self.width, self.height = width, height
        self._ids = itertools.count(1)

    def __enter__(self):
        self._profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self._process = subprocess.Popen(
            self._command(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            self._socket = websocket.create_connection(
                self._page_address(), timeout=120, suppress_origin=True
            )
        except BaseException:
            self.__exit__()
            raise
        self.send('Page.enable')
        return self

    def __exit__(self, *_exception):
        with contextlib.suppress(AttributeError):
            self._socket.close()
        self._process.terminate()
        self._process.wait()
        self._profile.cleanup()

    def _command(self):
        program = os.environ.get('CHROME_BIN')
        if not program:
            raise SetupError("No browser: run this through dev/run.py, which looks for one.")
        return [
            program,
            '--headless=new',
            '--no-sandbox',
            '--disable-dev-shm-usage',
            '--disable-gpu',
            '--hide-scrollbars',
            '--force-device-scale-factor=1',
            '--lang=en-US',
            f'--window-size={self.width},{self.height}',
            '--remote-debugging-port=0',
            f'--user-data-dir={self._profile.name}',
            'about:blank',
        ]

    def _page_address(self):
        port_file = Path(self._profile.name) / 'DevToolsActivePort'
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError, IndexError, ValueError, StopIteration):
                port = int(port_file.read_text().splitlines()[0])
                address = f'http://127.0.0.1:{port}/json/list'
                with urllib.request.urlopen(address, timeout=5) as answer:
                    pages = json.load(answer)
                return next(
                    page['webSocketDebuggerUrl'] for page in pages if page['type'] == 'page'
                )
            time.sleep(_POLL_SECONDS)
        raise SetupError("The browser did not start.")

    def send(self, method, **parameters):
        """Call a method of the protocol and return its result."""
        number = next(self._ids)
        self._socket.send(json.dumps({'id': number, 'method': method, 'params': parameters}))
        while True:
            message = json.loads(self._socket.recv())
            if message.get('id') == number:
                if 'error' in message:
                    raise RuntimeError(f"{method}: {message['error']['message']}")
                return message['result']

    def evaluate(self, script):
        """Return the value of a JavaScript expression on the page."""
        answer = self.send(
            'Runtime.evaluate', expression=script, returnByValue=True, awaitPromise=True
        )
        if 'exceptionDetails' in answer:
            raise RuntimeError(answer['exceptionDetails'].get('exception', answer))
        return answer['result'].get('value')

    def open(self, address):
        """Go to an address and return when the document is complete."""
        self.send('Page.navigate', url=address)
        self.wait_for("document.readyState === 'complete' && location.href !== 'about:blank'")

    def wait_for(self, script, seconds=60):
        """Return when a JavaScript expression is true.

        :raise RuntimeError: when it stays false
        """
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            with contextlib.suppress(RuntimeError):  # the page is changing right now
                if self.evaluate(f'Boolean({script})'):
                    return
            time.sleep(_POLL_SECONDS)
        raise RuntimeError(f"Waited {seconds} s in vain for: {script}")

    def wait_for_selector(self, selector):
        """Return when an element matches a CSS selector."""
        self.wait_for(f'document.querySelector({json.dumps(selector)})')

    def click(self, selector):
        """Click the first element that matches a CSS selector."""
        self.wait_for_selector(selector)
        self.evaluate(f'document.querySelector({json.dumps(selector)}).click()')

    def fill(self, selector, text):
        """Type a text into an input."""
        self.wait_for_selector(selector)
        field = f'document.querySelector({json.dumps(selector)})'
        self.evaluate(
            f'(() => {{ const el = {field}; el.focus(); el.value = {json.dumps(text)};'
            " for (const name of ['input', 'change'])"
            ' el.dispatchEvent(new Event(name, {bubbles: true})); el.blur(); })()'
        )

    def picture(self, path, height=None):
        """Save what is shown as a PNG.

        :param int height: pixels of the window for this picture, to show a long form whole.
        """
        self.resize(height or self.height)
        data = self.send('Page.captureScreenshot', format='png')['data']
        Path(path).write_bytes(base64.b64decode(data))
        self.resize(self.height)

    def resize(self, height):
        """Give the window another height."""
        self.send(
            'Emulation.setDeviceMetricsOverride',
            width=self.width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )
        time.sleep(0.5)  # the web client lays out anew
