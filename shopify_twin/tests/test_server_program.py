"""The twin as a program (M-10)."""

import json
import signal
import subprocess
import sys

import requests


def test_program_says_where_it_is_and_ends_when_told():
    """M-10: one JSON line with address and credentials; SIGTERM ends it with success."""
    command = [sys.executable, '-m', 'shopify_twin', '--orders', '5', '--seed', '3']
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as program:  # noqa: S603
        ready = json.loads(program.stdout.readline())
        assert set(ready) == {'url', 'domain', 'token', 'client_id', 'client_secret'}
        answer = requests.post(
            f"{ready['url']}/admin/api/2026-10/graphql.json",
            json={'query': '{ ordersCount { count } shop { myshopifyDomain } }'},
            headers={'X-Shopify-Access-Token': ready['token']},
            timeout=20,
        )
        data = answer.json()['data']
        program.send_signal(signal.SIGTERM)
        assert program.wait(timeout=20) == 0
    assert data['ordersCount']['count'] == 5
    assert data['shop']['myshopifyDomain'] == ready['domain']
