"""A started twin and a client that talks to it as any Shopify client would."""

import pytest
import requests

from shopify_twin import Twin
from shopify_twin.throttle import Bucket


class Client:
    """Real HTTP with a kept-alive connection."""

    def __init__(self, twin):
        self.twin = twin
        self.session = requests.Session()

    def post(self, query, variables=None, *, token=None, version='2026-10', **headers):
        """The raw answer to a document."""
        return self.session.post(
            f'{self.twin.url}/admin/api/{version}/graphql.json',
            json={'query': query, 'variables': variables or {}},
            headers={'X-Shopify-Access-Token': token or self.twin.token, **headers},
            timeout=20,
        )

    def ask(self, query, variables=None, **options):
        """The body of the answer to a document."""
        return self.post(query, variables, **options).json()

    def grant(self, **form):
        """The answer of the token endpoint."""
        return self.session.post(f'{self.twin.url}/admin/oauth/access_token', data=form, timeout=20)


@pytest.fixture
def twin():
    """An empty shop that listens."""
    made = Twin(seed=7).start()
    yield made
    made.stop()


@pytest.fixture
def shop(twin):
    """The same with sixty orders of the generator."""
    twin.generate(60, seed=7)
    return twin


@pytest.fixture
def client(twin):
    """A client of the twin."""
    return Client(twin)


class ManualTime:
    """Seconds that only pass when told."""

    def __init__(self):
        self.seconds = 0.0

    def __call__(self):
        return self.seconds


@pytest.fixture
def slow_twin():
    """A twin whose bucket refills only when `twin.time.seconds` is moved."""
    time = ManualTime()
    made = Twin(seed=7, bucket=Bucket(clock=time)).start()
    made.time = time
    yield made
    made.stop()
