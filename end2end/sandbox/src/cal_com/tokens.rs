//! Tokens of managed users: JWTs without an `exp`, whose rows alone decide.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::core::clock::{at, plus};
use crate::core::oauth::Scopes;
use crate::core::state::World;
use crate::core::tokens;

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;

/// What comes before the signature of a JWT with `claims`.
fn unsigned(claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.", part(&json!({ "alg": "HS256", "typ": "JWT" })), part(claims))
}

fn claims(kind: &str, client: &str, user: i64, expires: Timestamp, now: Timestamp) -> Value {
    json!({ "type": kind, "clientId": client, "ownerId": user, "userId": user, "expiresAt": expires.as_millisecond(), "jti": tokens::uuid(),
            "iat": now.as_second() })
}

/// An instant cut down to whole units of `seconds`.
fn cut(instant: Timestamp, seconds: i64) -> Timestamp {
    at(instant.as_second().div_euclid(seconds) * seconds * 1000)
}

/// Makes a pair of tokens for `grant`: an hour and a year, the one cut to the minute and the other to the day. Gives the four fields.
pub(crate) fn issue(world: &mut World, grant: usize, now: Timestamp) -> Value {
    let (client, user) = {
        let grant = &world.oauth.grants[grant];
        (grant.client_id.clone(), grant.account.parse().unwrap_or(0))
    };
    let (access_end, refresh_end) = (cut(plus(now, HOUR), 60), cut(plus(now, 365 * DAY), DAY));
    let prefix = |kind, end| unsigned(&claims(kind, &client, user, end, now));
    let all = Scopes::new();
    let access = world.oauth.mint_access(&prefix("access_token", access_end), grant, &all, access_end);
    let refresh = world.oauth.mint_refresh(&prefix("refresh_token", refresh_end), grant, &all, usize::MAX);
    json!({ "accessToken": access, "refreshToken": refresh, "accessTokenExpiresAt": access_end.as_millisecond(),
            "refreshTokenExpiresAt": refresh_end.as_millisecond() })
}
