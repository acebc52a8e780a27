"""The table of proofs: what counts as naming a requirement."""

from dev import proof

# The lines that earlier issues promised; once proved, they stay proved.
PROMISED = [
    # Orders become documents.
    *(f'R-{number:02}' for number in (*range(1, 13), *range(14, 18), *range(28, 85))),
    # Shipments go to Shopify.
    *(f'R-{number:02}' for number in (13, 89, *range(99, 103), *range(117, 121))),
    'M-02',
    'M-14',
    *('M-01', 'M-07', 'M-08', 'M-09', 'M-15'),
]


def test_each_promised_line_has_a_test():
    """B1: a requirement whose last test goes away is noticed."""
    proofs = proof.collect()
    assert [line for line in PROMISED if not proofs[line]] == []


def test_only_the_start_of_a_docstring_counts():
    """A range is all of its lines; other marks and later words are no requirement."""
    read = proof.read_docstring
    assert read('f', "R-10, A7, M-01: right\nat once.\n\nR-11: more").lines == ('R-10', 'M-01')
    assert read('f', "R-10: right\nat once.\n\nMore").words == "right at once."
    assert set(read('f', "R-54 to R-56, M-09: all").lines) == {'R-54', 'R-55', 'R-56', 'M-09'}
    assert read('f', "Peers' pain: as R-10 says") is None
    assert read('f', "no colon, R-10") is None
    assert read('f', '') is None
