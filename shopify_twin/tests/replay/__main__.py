"""``python -m shopify_twin.tests.replay [part of a file name]``: score and differences."""

import sys

from .score import play


def main() -> None:
    """Print each difference, then the score."""
    score = play(*sys.argv[1:2])
    for result in score.results:
        if result.out_of_scope:
            continue
        mark = '=' if result.equal else '≠'
        sys.stdout.write(f'{mark} {result.recording} {result.step} {" ".join(result.roots)}\n')
        for each in result.differences:
            sys.stdout.write(f'      {each.path}: {each.recorded!r} | {each.ours!r}\n'[:400])
        if result.costs and result.costs[0] != result.costs[1]:
            sys.stdout.write(f'      cost: {result.costs[0]} | {result.costs[1]}\n')
    sys.stdout.write(score.summary() + '\n')


if __name__ == '__main__':
    main()
