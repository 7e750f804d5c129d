-- Sessions that are paid for. Amounts are in the currency's smallest unit, instants are UTC milliseconds, ids are ULID text.

-- What is given back of the price when a mentee cancels after the notice, and what is kept of it for a session that is missed, in percent.
ALTER TABLE session_types ADD COLUMN late_refund_percent INTEGER NOT NULL DEFAULT 0 CHECK (late_refund_percent BETWEEN 0 AND 100);
ALTER TABLE session_types ADD COLUMN no_show_percent INTEGER NOT NULL DEFAULT 100 CHECK (no_show_percent BETWEEN 0 AND 100);

-- The same as agreed, and whether the price is collected here: 'none' it is not, 'awaited' the form was sent and nobody but the mentee is
-- told of the booking yet, 'made' it is paid or the money is held.
ALTER TABLE bookings ADD COLUMN late_refund_percent INTEGER NOT NULL DEFAULT 0 CHECK (late_refund_percent BETWEEN 0 AND 100);
ALTER TABLE bookings ADD COLUMN no_show_percent INTEGER NOT NULL DEFAULT 100 CHECK (no_show_percent BETWEEN 0 AND 100);
ALTER TABLE bookings ADD COLUMN payment TEXT NOT NULL DEFAULT 'none' CHECK (payment IN ('none', 'awaited', 'made'));

-- The payment of a booking. `attempt` counts the pages that were asked for at Stripe; the last one was to end at `session_expires_at`. The
-- time is kept until `open_until`. `turn` is part of the keys of what is asked of Stripe about the money: it rises when an answer that
-- failed was kept under them. `check_at`: when to look at Stripe again; null when nothing is expected to change.
CREATE TABLE payments (
    id                 TEXT    NOT NULL PRIMARY KEY,
    booking_id         TEXT    NOT NULL UNIQUE REFERENCES bookings (id),
    coach_id           TEXT    NOT NULL REFERENCES coaches (user_id),
    client_id          TEXT    NOT NULL REFERENCES users (id),
    amount_minor       INTEGER NOT NULL CHECK (amount_minor > 0),
    currency           TEXT    NOT NULL,
    capture            TEXT    NOT NULL CHECK (capture IN ('automatic', 'manual')),
    state              TEXT    NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'processing', 'authorized', 'paid', 'released', 'failed')),
    attempt            INTEGER NOT NULL DEFAULT 0,
    turn               INTEGER NOT NULL DEFAULT 1,
    session_expires_at INTEGER,
    session_id         TEXT    UNIQUE,
    session_url        TEXT,
    intent_id          TEXT    UNIQUE,
    fee_minor          INTEGER,
    open_until         INTEGER NOT NULL,
    check_at           INTEGER,
    problem            TEXT,
    created_at         INTEGER NOT NULL,
    updated_at         INTEGER NOT NULL
) STRICT;
CREATE INDEX payments_check ON payments (check_at) WHERE check_at IS NOT NULL;
CREATE INDEX payments_coach ON payments (coach_id, id);

-- Money that goes back, one row for each decision. 'waiting' is decided and not taken by Stripe yet. `attempt` is part of the idempotency
-- key: it rises when a refund came to nothing and is tried anew.
CREATE TABLE refunds (
    id           TEXT    NOT NULL PRIMARY KEY,
    payment_id   TEXT    NOT NULL REFERENCES payments (id),
    amount_minor INTEGER NOT NULL CHECK (amount_minor > 0),
    state        TEXT    NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'pending', 'succeeded', 'failed')),
    attempt      INTEGER NOT NULL DEFAULT 1,
    stripe_id    TEXT    UNIQUE,
    created_at   INTEGER NOT NULL,
    updated_at   INTEGER NOT NULL
) STRICT;
CREATE INDEX refunds_payment ON refunds (payment_id, id);

-- Money that moved, from one account to another: each row is both sides of an entry, so the whole sums to zero whatever is written. `what`
-- names the movement, and none is written twice. The balance of an account is what went in less what went out.
CREATE TABLE ledger_entries (
    id           TEXT    NOT NULL PRIMARY KEY,
    coach_id     TEXT    NOT NULL REFERENCES coaches (user_id),
    payment_id   TEXT    NOT NULL REFERENCES payments (id),
    what         TEXT    NOT NULL UNIQUE,
    kind         TEXT    NOT NULL CHECK (kind IN ('charge', 'hold', 'capture', 'release', 'fee', 'refund', 'refund_failed')),
    from_account TEXT    NOT NULL CHECK (from_account IN ('client', 'held', 'coach', 'fees')),
    to_account   TEXT    NOT NULL CHECK (to_account IN ('client', 'held', 'coach', 'fees')),
    amount_minor INTEGER NOT NULL CHECK (amount_minor > 0),
    currency     TEXT    NOT NULL,
    at           INTEGER NOT NULL,
    CHECK (from_account <> to_account)
) STRICT;
CREATE INDEX ledger_entries_coach ON ledger_entries (coach_id, id);
CREATE INDEX ledger_entries_payment ON ledger_entries (payment_id);
CREATE TRIGGER ledger_entries_no_update BEFORE UPDATE ON ledger_entries
BEGIN
    SELECT RAISE(ABORT, 'ledger_append_only');
END;
CREATE TRIGGER ledger_entries_no_delete BEFORE DELETE ON ledger_entries
BEGIN
    SELECT RAISE(ABORT, 'ledger_append_only');
END;

-- Webhooks that came from Stripe: each is acted on once.
CREATE TABLE stripe_events (
    id          TEXT    NOT NULL PRIMARY KEY,
    kind        TEXT    NOT NULL,
    payment_id  TEXT    REFERENCES payments (id),
    received_at INTEGER NOT NULL
) STRICT;
CREATE INDEX stripe_events_age ON stripe_events (received_at);
