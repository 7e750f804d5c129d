-- Instants are UTC milliseconds, ids ULID text, flags 0 or 1. Same number and shape as migrations/sqlite.

-- For equality on text inside the exclusion constraint on claims. A trusted extension: no superuser needed.
CREATE EXTENSION IF NOT EXISTS btree_gist;

-- People: mentees ('client'), coaches and admins. `email_key` is the lower-case address an account is found by.
CREATE TABLE users (
    id            TEXT   NOT NULL PRIMARY KEY,
    email         TEXT   NOT NULL,
    email_key     TEXT   NOT NULL UNIQUE,
    password_hash TEXT   NOT NULL,
    name          TEXT   NOT NULL,
    role          TEXT   NOT NULL CHECK (role IN ('client', 'coach', 'admin')),
    time_zone     TEXT   NOT NULL,
    active        BIGINT NOT NULL DEFAULT 1 CHECK (active IN (0, 1)),
    created_at    BIGINT NOT NULL,
    updated_at    BIGINT NOT NULL
);

-- Sign-in sessions. The cookie's secret is stored hashed; whoever reads this table cannot sign in with it.
CREATE TABLE sign_ins (
    secret_hash  TEXT   NOT NULL PRIMARY KEY,
    user_id      TEXT   NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at   BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL,
    user_agent   TEXT   NOT NULL DEFAULT ''
);
CREATE INDEX sign_ins_user ON sign_ins (user_id);
CREATE INDEX sign_ins_expiry ON sign_ins (expires_at);

-- Counted attempts, shared by all servers: at most so many of `key` in the window that starts at `window_start`.
CREATE TABLE attempts (
    key          TEXT   NOT NULL,
    window_start BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL,
    count        BIGINT NOT NULL,
    PRIMARY KEY (key, window_start)
);
CREATE INDEX attempts_expiry ON attempts (expires_at);

-- A coach's profile, hours and revision. `hours` is JSON, checked by the model before it is written.
-- `revision` rises with every change to what this coach offers (profile, hours, session types) and
-- `claims_revision` with every change to the coach's claims, in the same transaction: caches and live pages
-- compare them, and whoever decides about this coach's time locks this row to decide alone.
-- `name_key` is the name in lower case: the directory is ordered by it, byte by byte on both engines. `search` is
-- headline, topics and bio in lower case. The program lowers them: SQLite knows ASCII letters only.
CREATE TABLE coaches (
    user_id    TEXT   NOT NULL PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    slug       TEXT   NOT NULL UNIQUE,
    headline   TEXT   NOT NULL DEFAULT '',
    bio        TEXT   NOT NULL DEFAULT '',
    hours      TEXT   NOT NULL,
    listed     BIGINT NOT NULL DEFAULT 1 CHECK (listed IN (0, 1)),
    name_key   TEXT COLLATE "C" NOT NULL,
    search     TEXT   NOT NULL DEFAULT '',
    revision   BIGINT NOT NULL DEFAULT 1,
    claims_revision BIGINT NOT NULL DEFAULT 1,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX coaches_directory ON coaches (name_key, user_id);

-- Languages and topics of a coach; `word` as shown, `word_key` in lower case for search.
CREATE TABLE coach_words (
    coach_id TEXT   NOT NULL REFERENCES coaches (user_id) ON DELETE CASCADE,
    kind     TEXT   NOT NULL CHECK (kind IN ('language', 'topic')),
    word     TEXT   NOT NULL,
    word_key TEXT   NOT NULL,
    position BIGINT NOT NULL,
    PRIMARY KEY (coach_id, kind, word_key)
);
CREATE INDEX coach_words_search ON coach_words (kind, word_key, coach_id);

-- What can be booked. A type that was ever booked is never deleted, only archived.
CREATE TABLE session_types (
    id                    TEXT   NOT NULL PRIMARY KEY,
    coach_id              TEXT   NOT NULL REFERENCES coaches (user_id) ON DELETE CASCADE,
    slug                  TEXT   NOT NULL,
    name                  TEXT   NOT NULL,
    description           TEXT   NOT NULL,
    duration_minutes      BIGINT NOT NULL CHECK (duration_minutes > 0),
    step_minutes          BIGINT NOT NULL CHECK (step_minutes > 0),
    buffer_before_minutes BIGINT NOT NULL CHECK (buffer_before_minutes >= 0),
    buffer_after_minutes  BIGINT NOT NULL CHECK (buffer_after_minutes >= 0),
    notice_minutes        BIGINT NOT NULL CHECK (notice_minutes >= 0),
    horizon_days          BIGINT NOT NULL CHECK (horizon_days BETWEEN 1 AND 730),
    daily_cap             BIGINT,
    weekly_cap            BIGINT,
    price_minor           BIGINT NOT NULL CHECK (price_minor >= 0),
    currency              TEXT   NOT NULL,
    approval_required     BIGINT NOT NULL CHECK (approval_required IN (0, 1)),
    place_kind            TEXT   NOT NULL,
    place_value           TEXT   NOT NULL,
    active                BIGINT NOT NULL CHECK (active IN (0, 1)),
    archived_at           BIGINT,
    created_at            BIGINT NOT NULL,
    updated_at            BIGINT NOT NULL,
    UNIQUE (coach_id, slug)
);

-- The agreement between a mentee and a coach, one row for life. What was agreed (name, place, price, notice,
-- buffers) is copied in, so that a later change to the session type changes no booking.
CREATE TABLE bookings (
    id                    TEXT   NOT NULL PRIMARY KEY,
    coach_id              TEXT   NOT NULL REFERENCES coaches (user_id),
    client_id             TEXT   NOT NULL REFERENCES users (id),
    session_type_id       TEXT   NOT NULL REFERENCES session_types (id),
    status                TEXT   NOT NULL CHECK (status IN
                              ('pending', 'confirmed', 'completed', 'no_show', 'declined', 'expired', 'cancelled')),
    starts_at             BIGINT NOT NULL,
    ends_at               BIGINT NOT NULL,
    buffer_before_minutes BIGINT NOT NULL,
    buffer_after_minutes  BIGINT NOT NULL,
    sequence              BIGINT NOT NULL DEFAULT 0,
    title                 TEXT   NOT NULL,
    notes                 TEXT   NOT NULL,
    client_time_zone      TEXT   NOT NULL,
    notice_minutes        BIGINT NOT NULL,
    price_minor           BIGINT NOT NULL,
    currency              TEXT   NOT NULL,
    place_kind            TEXT   NOT NULL,
    place_value           TEXT   NOT NULL,
    answer_by             BIGINT,
    submit_key            TEXT   UNIQUE,
    created_at            BIGINT NOT NULL,
    updated_at            BIGINT NOT NULL,
    CHECK (starts_at < ends_at)
);
CREATE INDEX bookings_coach ON bookings (coach_id, starts_at);
CREATE INDEX bookings_client ON bookings (client_id, starts_at);
CREATE INDEX bookings_unanswered ON bookings (answer_by) WHERE status = 'pending';

-- The audit trail: one row for each change, never updated, never deleted.
CREATE TABLE booking_events (
    id         TEXT   NOT NULL PRIMARY KEY,
    booking_id TEXT   NOT NULL REFERENCES bookings (id),
    at         BIGINT NOT NULL,
    actor_id   TEXT   REFERENCES users (id),
    actor_role TEXT   NOT NULL CHECK (actor_role IN ('client', 'coach', 'admin', 'system')),
    what       TEXT   NOT NULL,
    why        TEXT   NOT NULL DEFAULT '',
    status     TEXT   NOT NULL,
    starts_at  BIGINT NOT NULL,
    sequence   BIGINT NOT NULL
);
CREATE INDEX booking_events_booking ON booking_events (booking_id, id);

-- A slot kept for ten minutes while a form is filled in. The row outlives its claim for a day, so that a form
-- sent late still finds what it was about.
CREATE TABLE holds (
    id              TEXT   NOT NULL PRIMARY KEY,
    secret_hash     TEXT   NOT NULL UNIQUE,
    coach_id        TEXT   NOT NULL REFERENCES coaches (user_id) ON DELETE CASCADE,
    session_type_id TEXT   NOT NULL REFERENCES session_types (id) ON DELETE CASCADE,
    starts_at       BIGINT NOT NULL,
    ends_at         BIGINT NOT NULL,
    time_zone       TEXT   NOT NULL,
    expires_at      BIGINT NOT NULL,
    created_at      BIGINT NOT NULL
);
CREATE INDEX holds_expiry ON holds (expires_at);

-- The record that an interval of a coach is taken, buffers included: by a booking for as long as it is live, or
-- by a hold until it expires. No two claims of a coach overlap: the database refuses it (below).
CREATE TABLE claims (
    id         TEXT   NOT NULL PRIMARY KEY,
    coach_id   TEXT   NOT NULL REFERENCES coaches (user_id) ON DELETE CASCADE,
    kind       TEXT   NOT NULL CHECK (kind IN ('booking', 'hold', 'block')),
    starts_at  BIGINT NOT NULL,
    ends_at    BIGINT NOT NULL,
    booking_id TEXT   UNIQUE REFERENCES bookings (id),
    hold_id    TEXT   UNIQUE REFERENCES holds (id) ON DELETE CASCADE,
    expires_at BIGINT,
    CHECK (starts_at < ends_at),
    CHECK ((kind = 'booking') = (booking_id IS NOT NULL)),
    CHECK ((kind = 'hold') = (hold_id IS NOT NULL)),
    CHECK ((kind = 'hold') = (expires_at IS NOT NULL)),
    CONSTRAINT claims_no_overlap EXCLUDE USING gist (coach_id WITH =, int8range(starts_at, ends_at) WITH &&)
);
CREATE INDEX claims_coach ON claims (coach_id, starts_at);
CREATE INDEX claims_expiry ON claims (coach_id, expires_at) WHERE expires_at IS NOT NULL;
