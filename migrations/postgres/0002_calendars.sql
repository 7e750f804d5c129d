-- Calendars that coaches connect, what is busy in them, and how well the connection does.

-- One coach's link to one provider account. Tokens, passwords and feed addresses are sealed (XChaCha20-Poly1305 under
-- SECRET_KEY, bound to this row: a sealed value copied to another row does not open). `token_revision` rises with every
-- stored token; refreshes are leased, so that of many servers one asks. The account's own identity is `account_key`.
CREATE TABLE calendar_integrations (
    id                  TEXT   NOT NULL PRIMARY KEY,
    coach_id            TEXT   NOT NULL REFERENCES coaches (user_id) ON DELETE CASCADE,
    provider            TEXT   NOT NULL CHECK (provider IN
                            ('cal_com_managed', 'cal_com_oauth', 'google', 'microsoft', 'caldav', 'ics_feed')),
    account_key         TEXT   NOT NULL,
    account_label       TEXT   NOT NULL,
    managed_user_id     BIGINT,
    endpoint            TEXT   NOT NULL DEFAULT '',
    scopes              TEXT   NOT NULL DEFAULT '',
    can_write           BIGINT NOT NULL DEFAULT 0 CHECK (can_write IN (0, 1)),
    access_sealed       TEXT,
    refresh_sealed      TEXT,
    secret_sealed       TEXT,
    access_expires_at   BIGINT,
    token_revision      BIGINT NOT NULL DEFAULT 1,
    refresh_at          BIGINT,
    refresh_lease_owner TEXT,
    refresh_lease_until BIGINT,
    health              TEXT   NOT NULL DEFAULT 'healthy' CHECK (health IN
                            ('healthy', 'degraded', 'needs_reconnect', 'disconnected')),
    health_reason       TEXT,
    health_since        BIGINT NOT NULL,
    failures            BIGINT NOT NULL DEFAULT 0,
    last_ok_at          BIGINT,
    sync_at             BIGINT,
    sync_lease_owner    TEXT,
    sync_lease_until    BIGINT,
    created_at          BIGINT NOT NULL,
    updated_at          BIGINT NOT NULL,
    UNIQUE (coach_id, provider, account_key)
);
CREATE INDEX calendar_integrations_sync ON calendar_integrations (sync_at) WHERE sync_at IS NOT NULL;
CREATE INDEX calendar_integrations_refresh ON calendar_integrations (refresh_at) WHERE refresh_at IS NOT NULL;

-- The calendars of an account. One that the provider stops listing keeps its row: `missing_since` says so.
-- `credential_ref` is Cal.com's credential id, which changes when a calendar is reconnected there; `sync_state` is
-- the provider's own mark of what was read last; `read_at` when its busy time was last known for certain, `covers_until`
-- up to which instant it was read, and `busy_digest` what was read, to tell at once whether anything changed.
CREATE TABLE integration_calendars (
    id                TEXT   NOT NULL PRIMARY KEY,
    integration_id    TEXT   NOT NULL REFERENCES calendar_integrations (id) ON DELETE CASCADE,
    coach_id          TEXT   NOT NULL REFERENCES coaches (user_id) ON DELETE CASCADE,
    external_id       TEXT   NOT NULL,
    external_kind     TEXT   NOT NULL DEFAULT '',
    credential_ref    TEXT,
    name              TEXT   NOT NULL,
    time_zone         TEXT   NOT NULL DEFAULT '',
    is_primary        BIGINT NOT NULL DEFAULT 0 CHECK (is_primary IN (0, 1)),
    writable          BIGINT NOT NULL DEFAULT 0 CHECK (writable IN (0, 1)),
    counts_busy       BIGINT NOT NULL DEFAULT 0 CHECK (counts_busy IN (0, 1)),
    receives_bookings BIGINT NOT NULL DEFAULT 0 CHECK (receives_bookings IN (0, 1)),
    missing_since     BIGINT,
    problem           TEXT,
    sync_state        TEXT,
    read_at           BIGINT,
    covers_until      BIGINT,
    busy_digest       TEXT,
    UNIQUE (integration_id, external_id)
);
CREATE UNIQUE INDEX integration_calendars_target ON integration_calendars (coach_id) WHERE receives_bookings = 1;

-- When a calendar is busy: merged, and cut into pieces of at most 20 hours, so that what reaches into a range starts
-- near it. A copy of what the provider said, replaced as a whole; never the truth about a booking.
CREATE TABLE calendar_busy (
    calendar_id TEXT   NOT NULL REFERENCES integration_calendars (id) ON DELETE CASCADE,
    coach_id    TEXT   NOT NULL REFERENCES coaches (user_id) ON DELETE CASCADE,
    starts_at   BIGINT NOT NULL,
    ends_at     BIGINT NOT NULL,
    PRIMARY KEY (calendar_id, starts_at),
    CHECK (starts_at < ends_at)
);
CREATE INDEX calendar_busy_coach ON calendar_busy (coach_id, starts_at);

-- A coach on the way to a provider's consent page and back: once, within ten minutes, in the same sign-in.
CREATE TABLE oauth_states (
    secret_hash     TEXT   NOT NULL PRIMARY KEY,
    coach_id        TEXT   NOT NULL REFERENCES coaches (user_id) ON DELETE CASCADE,
    sign_in_hash    TEXT   NOT NULL,
    provider        TEXT   NOT NULL,
    integration_id  TEXT   REFERENCES calendar_integrations (id) ON DELETE CASCADE,
    wants_writing   BIGINT NOT NULL DEFAULT 0 CHECK (wants_writing IN (0, 1)),
    verifier_sealed TEXT   NOT NULL,
    created_at      BIGINT NOT NULL,
    expires_at      BIGINT NOT NULL
);
CREATE INDEX oauth_states_expiry ON oauth_states (expires_at);

-- Work that follows from a committed change, written in the same transaction. `key` makes it happen once.
CREATE TABLE jobs (
    id         TEXT   NOT NULL PRIMARY KEY,
    kind       TEXT   NOT NULL,
    key        TEXT   NOT NULL UNIQUE,
    payload    TEXT   NOT NULL,
    state      TEXT   NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'done', 'cancelled')),
    run_at     BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX jobs_waiting ON jobs (run_at) WHERE state = 'waiting';

-- What is known of the coach's calendars as a whole, kept with every read of them: since when the oldest data is, and until when
-- it counts as known. Both null: no calendar counts. And what the coach wants when it is not known (rule: unknown is not free).
ALTER TABLE coaches ADD COLUMN calendars_known_at BIGINT;
ALTER TABLE coaches ADD COLUMN calendars_known_until BIGINT;
ALTER TABLE coaches ADD COLUMN unknown_policy TEXT NOT NULL DEFAULT 'keep' CHECK (unknown_policy IN ('keep', 'on_request', 'stop'));
ALTER TABLE coaches ADD COLUMN unknown_keep_minutes BIGINT NOT NULL DEFAULT 1440;
