-- What follows from a committed change: calendar events, mail, reminders, webhooks, feeds. Same number and shape as migrations/postgres.

-- When the address was last proved to be this person's (null: not yet; nothing but the check is sent there), and the language
-- mail is written in.
ALTER TABLE users ADD COLUMN email_checked_at INTEGER;
ALTER TABLE users ADD COLUMN language TEXT NOT NULL DEFAULT 'en';

-- Minutes before the start at which both people are reminded, separated by commas; empty: never.
ALTER TABLE session_types ADD COLUMN reminders TEXT NOT NULL DEFAULT '1440';

-- The link that a provider made for this booking, or what stands in for it. Links that follow from the place are not stored.
ALTER TABLE bookings ADD COLUMN meeting_link TEXT;

-- The audit trail is what the outbox is filled from. `ordinal` counts the changes of one booking; `spread` says whether what follows
-- from the change has been written to `jobs`.
ALTER TABLE booking_events ADD COLUMN ordinal INTEGER NOT NULL DEFAULT 1;
ALTER TABLE booking_events ADD COLUMN spread INTEGER NOT NULL DEFAULT 0 CHECK (spread IN (0, 1));
UPDATE booking_events SET spread = 1, ordinal = (SELECT COUNT(*) FROM booking_events e
    WHERE e.booking_id = booking_events.booking_id AND (e.at < booking_events.at OR (e.at = booking_events.at AND e.id <= booking_events.id)));
DROP INDEX booking_events_booking;
CREATE UNIQUE INDEX booking_events_booking ON booking_events (booking_id, ordinal);
CREATE INDEX booking_events_new ON booking_events (at) WHERE spread = 0;

-- Work that follows from a committed change. `key` makes it happen once. Jobs of one `lane` run one after the other, by `lane_no`. Whoever
-- works on one holds its lease; `coach_id` says whose turn it takes and who may see it. `problem` is in our own words. A job that is
-- 'dead' has been given up and waits for a person.
CREATE TABLE jobs_next (
    id          TEXT    NOT NULL PRIMARY KEY,
    kind        TEXT    NOT NULL,
    key         TEXT    NOT NULL UNIQUE,
    payload     TEXT    NOT NULL,
    state       TEXT    NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'done', 'dead', 'cancelled')),
    run_at      INTEGER NOT NULL,
    created_at  INTEGER NOT NULL,
    lane        TEXT,
    lane_no     INTEGER NOT NULL DEFAULT 0,
    coach_id    TEXT    REFERENCES coaches (user_id) ON DELETE CASCADE,
    booking_id  TEXT    REFERENCES bookings (id),
    user_id     TEXT    REFERENCES users (id) ON DELETE CASCADE,
    attempts    INTEGER NOT NULL DEFAULT 0,
    lease_owner TEXT,
    lease_until INTEGER,
    problem     TEXT,
    finished_at INTEGER
) STRICT;
INSERT INTO jobs_next (id, kind, key, payload, state, run_at, created_at, coach_id, user_id)
    SELECT j.id, j.kind, j.key, j.payload, j.state, j.run_at, j.created_at, c.user_id, c.user_id
    FROM jobs j LEFT JOIN coaches c ON c.user_id = json_extract(j.payload, '$.coach_id');
DROP TABLE jobs;
ALTER TABLE jobs_next RENAME TO jobs;
CREATE INDEX jobs_waiting ON jobs (run_at) WHERE state = 'waiting';
CREATE INDEX jobs_leased ON jobs (lease_until) WHERE lease_until IS NOT NULL;
CREATE INDEX jobs_lane ON jobs (lane, lane_no) WHERE state = 'waiting';
CREATE INDEX jobs_given_up ON jobs (coach_id) WHERE state = 'dead';
CREATE INDEX jobs_booking ON jobs (booking_id) WHERE booking_id IS NOT NULL;
CREATE INDEX jobs_finished ON jobs (finished_at) WHERE finished_at IS NOT NULL;

-- The event that stands for a booking in the coach's calendar. `attempt` is part of the id we give it: providers do not let an id be used
-- again once its event is deleted. `starts_at`, `ends_at` and `ordinal` are what was written last. `drift` is what was found
-- changed there since: a hint that the coach is asked about.
CREATE TABLE booking_calendar_events (
    booking_id      TEXT   NOT NULL PRIMARY KEY REFERENCES bookings (id),
    coach_id        TEXT   NOT NULL REFERENCES coaches (user_id) ON DELETE CASCADE,
    integration_id  TEXT   NOT NULL REFERENCES calendar_integrations (id) ON DELETE CASCADE,
    calendar_id     TEXT   NOT NULL REFERENCES integration_calendars (id) ON DELETE CASCADE,
    state           TEXT   NOT NULL CHECK (state IN ('writing', 'present', 'removed', 'left')),
    attempt         INTEGER NOT NULL DEFAULT 1,
    external_id     TEXT,
    etag            TEXT,
    starts_at       INTEGER NOT NULL,
    ends_at         INTEGER NOT NULL,
    ordinal         INTEGER NOT NULL,
    drift           TEXT   CHECK (drift IN ('deleted', 'moved')),
    drift_at        INTEGER,
    drift_starts_at INTEGER,
    drift_ends_at   INTEGER,
    check_at        INTEGER,
    updated_at      INTEGER NOT NULL
) STRICT;
CREATE INDEX booking_calendar_events_check ON booking_calendar_events (check_at) WHERE check_at IS NOT NULL;
CREATE INDEX booking_calendar_events_drift ON booking_calendar_events (coach_id) WHERE drift IS NOT NULL;

-- Links in mail that prove an address or set a new password: once, for a while. The secret is stored hashed.
CREATE TABLE mail_links (
    secret_hash TEXT   NOT NULL PRIMARY KEY,
    purpose     TEXT   NOT NULL CHECK (purpose IN ('check_address', 'reset_password')),
    user_id     TEXT   NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    email_key   TEXT   NOT NULL,
    created_at  INTEGER NOT NULL,
    expires_at  INTEGER NOT NULL,
    used_at     INTEGER
) STRICT;
CREATE INDEX mail_links_user ON mail_links (user_id);
CREATE INDEX mail_links_expiry ON mail_links (expires_at);

-- Where a coach (or, without one, the site's admins) wants to be told of bookings. Addresses and secrets are sealed: who knows an address
-- may post to it. After a rotation the previous secret signs too, until `previous_until`. `kinds` are the changes wanted, separated by
-- commas; empty: all. `gone_at`: the receiver said that it is gone, and the endpoint was switched off.
CREATE TABLE webhook_endpoints (
    id              TEXT   NOT NULL PRIMARY KEY,
    coach_id        TEXT   REFERENCES coaches (user_id) ON DELETE CASCADE,
    url_sealed      TEXT   NOT NULL,
    kinds           TEXT   NOT NULL DEFAULT '',
    secret_sealed   TEXT   NOT NULL,
    previous_sealed TEXT,
    previous_until  INTEGER,
    active          INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1)),
    gone_at         INTEGER,
    created_at      INTEGER NOT NULL,
    updated_at      INTEGER NOT NULL
) STRICT;
CREATE INDEX webhook_endpoints_coach ON webhook_endpoints (coach_id);

-- What is to be told to whom, as it is sent, and how it went. `ordinal` is the change of the booking (0: a test, of no booking).
-- `replays` counts how often a person had it sent again.
CREATE TABLE webhook_deliveries (
    id           TEXT   NOT NULL PRIMARY KEY,
    endpoint_id  TEXT   NOT NULL REFERENCES webhook_endpoints (id) ON DELETE CASCADE,
    booking_id   TEXT   REFERENCES bookings (id),
    event_id     TEXT   NOT NULL,
    kind         TEXT   NOT NULL,
    ordinal      INTEGER NOT NULL,
    payload      TEXT   NOT NULL,
    created_at   INTEGER NOT NULL,
    delivered_at INTEGER,
    replays      INTEGER NOT NULL DEFAULT 0,
    UNIQUE (endpoint_id, event_id)
) STRICT;
CREATE INDEX webhook_deliveries_endpoint ON webhook_deliveries (endpoint_id, id);
CREATE INDEX webhook_deliveries_age ON webhook_deliveries (created_at);
CREATE TABLE webhook_attempts (
    id          TEXT   NOT NULL PRIMARY KEY,
    delivery_id TEXT   NOT NULL REFERENCES webhook_deliveries (id) ON DELETE CASCADE,
    at          INTEGER NOT NULL,
    status      INTEGER,
    problem     TEXT,
    millis      INTEGER NOT NULL
) STRICT;
CREATE INDEX webhook_attempts_delivery ON webhook_attempts (delivery_id, id);

-- A person's bookings as a calendar that any program can subscribe to: who has the secret may read it.
CREATE TABLE calendar_feeds (
    user_id      TEXT   NOT NULL PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    secret_hash  TEXT   NOT NULL UNIQUE,
    created_at   INTEGER NOT NULL,
    last_read_at INTEGER
) STRICT;

-- Facts about this installation ('demo': its people are invented).
CREATE TABLE site_facts (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;
