-- What the REST API needs. Same number and shape as migrations/sqlite.

-- Whose turn a job takes, said once, so that the next jobs of everyone are found without ranking all that is due.
ALTER TABLE jobs ADD COLUMN whose TEXT NOT NULL DEFAULT '';
UPDATE jobs SET whose = COALESCE(coach_id, user_id, '');
CREATE INDEX jobs_turn ON jobs (kind, whose, run_at, id) WHERE state = 'waiting';

-- A person's bookings in the order in which they were made, which no change disturbs.
CREATE INDEX bookings_made_client ON bookings (client_id, id);
CREATE INDEX bookings_made_coach ON bookings (coach_id, id);

-- Bearer tokens. `kind`: 'login' comes from signing in and is short-lived, 'personal' was made in the settings and has a name.
-- The secret is stored as SHA-256; `hint` is its end, to be told from others by.
CREATE TABLE api_tokens (
    id           TEXT    NOT NULL PRIMARY KEY,
    user_id      TEXT    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    kind         TEXT    NOT NULL CHECK (kind IN ('login', 'personal')),
    name         TEXT    NOT NULL DEFAULT '',
    scope        TEXT    NOT NULL CHECK (scope IN ('read', 'write')),
    secret_hash  TEXT    NOT NULL UNIQUE,
    hint         TEXT    NOT NULL,
    created_at   BIGINT  NOT NULL,
    expires_at   BIGINT  NOT NULL,
    last_used_at BIGINT,
    revoked_at   BIGINT
);
CREATE INDEX api_tokens_user ON api_tokens (user_id, id);
CREATE INDEX api_tokens_expiry ON api_tokens (expires_at);

-- Answers to requests that carried an `Idempotency-Key`. `scope` is who asked, `fingerprint` what was asked. While the first request
-- is still running there is no `status`; a lease says that its server is alive, `holder` which of several tries it is. `answer` is sealed: it may
-- hold a token.
CREATE TABLE idempotent_answers (
    scope       TEXT    NOT NULL,
    key_hash    TEXT    NOT NULL,
    fingerprint TEXT    NOT NULL,
    holder      TEXT    NOT NULL,
    lease_until BIGINT  NOT NULL,
    status      BIGINT,
    answer      TEXT,
    created_at  BIGINT  NOT NULL,
    expires_at  BIGINT  NOT NULL,
    PRIMARY KEY (scope, key_hash)
);
CREATE INDEX idempotent_answers_expiry ON idempotent_answers (expires_at);

-- A way back from a consent page that a program began: `sign_in_hash` is empty then, any token of the coach may end it. `redirect_uri`:
-- where the program has the browser sent back to; empty: to this site.
ALTER TABLE oauth_states ADD COLUMN redirect_uri TEXT NOT NULL DEFAULT '';
