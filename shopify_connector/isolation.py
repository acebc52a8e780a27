"""One bad row never spoils the others: work on a batch, and when it fails on halves of it."""

import psycopg2

# The transaction is dead: the database asks to begin again with what is there now.
TRANSACTION_ERRORS = (psycopg2.OperationalError, psycopg2.errors.UniqueViolation)
MAX_TRIES = 5


def run_isolated(records, work, fail, env=None):
    """Do ``work`` for all records at once; when that fails, for halves, down to the guilty ones.

    Each attempt runs in a savepoint, so a record that fails keeps nothing half-made. Halving finds
    one bad record among 32 in five steps and keeps the batches of the others large.

    :param work: callable that takes records; its results are concatenated by :func:`iter`.
    :param fail: callable that takes the guilty record (a part of one) and its error.
    :param env: for ``records`` that are a plain list instead of a recordset.
    :return: list of the results of ``work`` for all parts that went well.
    :raise psycopg2.OperationalError: the transaction is dead and has to begin again.
    :raise psycopg2.errors.UniqueViolation: another worker may have done the same; unless the
        context says ``shopify_isolate_all`` (the last try): then it is a fault of the record.
    """
    if not records:
        return []
    env = records.env if env is None else env
    try:
        with env.cr.savepoint():
            return [work(records)]
    except psycopg2.OperationalError:
        raise
    except Exception as error:  # the one border where no order may spoil another
        if is_concurrency(env, error):
            raise
        if len(records) == 1:
            fail(records, error)
            return []
    middle = len(records) // 2
    return [
        *run_isolated(records[:middle], work, fail, env),
        *run_isolated(records[middle:], work, fail, env),
    ]


def repeat(env, work):
    """Do ``work`` in a transaction of its own, again when the database asks to begin anew.

    :param work: callable without arguments; it has to read what it decides on.
    :return: what ``work`` returns; it is committed.
    :raise psycopg2.Error: one of :data:`TRANSACTION_ERRORS`, five times.
    """
    for attempt in range(1, MAX_TRIES + 1):
        try:
            result = work()
            env['ir.cron']._commit_progress()
        except TRANSACTION_ERRORS:
            env.cr.rollback()
            if attempt == MAX_TRIES:
                raise
        else:
            return result
    raise AssertionError  # pragma: no cover - the loop returns or raises


def is_concurrency(env, error):
    """Return whether another worker may have done the same at the same time."""
    return isinstance(error, psycopg2.errors.UniqueViolation) and not env.context.get(
        'shopify_isolate_all'
    )
