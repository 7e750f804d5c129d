//! The cookies: who is signed in, which zone the browser is in, which theme was chosen.

use axum::http::{HeaderMap, HeaderValue, header};
use axum_extra::extract::cookie::CookieJar;
use wellmet::time::Secret;

use crate::components::Theme;

/// The browser's IANA zone, set by a script or by the zone switch. Readable by scripts.
pub const TIME_ZONE: &str = "tz";
/// `light` or `dark`; absent: as the system says.
pub const THEME: &str = "theme";

const SIGN_IN_DAYS: i64 = 30;
const YEAR_DAYS: i64 = 365;

/// The sign-in cookie's name. With https the prefix makes browsers insist that it is ours, `Secure` and for `/`.
pub const fn sign_in_name(https: bool) -> &'static str {
    if https { "__Host-wellmet" } else { "wellmet" }
}

/// The sign-in secret that the browser sent, if it looks like one of ours.
pub fn sign_in_secret(headers: &HeaderMap, https: bool) -> Option<Secret> {
    Secret::from_untrusted(CookieJar::from_headers(headers).get(sign_in_name(https))?.value())
}

/// The value of another cookie.
pub fn value(headers: &HeaderMap, name: &str) -> Option<String> {
    CookieJar::from_headers(headers).get(name).map(|cookie| cookie.value().to_owned())
}

/// Signs the browser in for thirty days.
pub fn sign_in(secret: &Secret, https: bool) -> HeaderValue {
    built(sign_in_name(https), secret.expose(), SIGN_IN_DAYS, true, https)
}

/// Signs the browser out.
pub fn sign_out(https: bool) -> HeaderValue {
    built(sign_in_name(https), "", 0, true, https)
}

/// The name of the cookie with the visitor's last hold, so that choosing another time lets go of it.
const HOLD: &str = "hold";

/// The secret of the visitor's last hold, if the browser sent one.
pub fn hold_secret(headers: &HeaderMap) -> Option<Secret> {
    Secret::from_untrusted(CookieJar::from_headers(headers).get(HOLD)?.value())
}

/// Remembers a hold for a day.
pub fn hold(secret: &Secret, https: bool) -> HeaderValue {
    built(HOLD, secret.expose(), 1, true, https)
}

/// Forgets the hold.
pub fn no_hold(https: bool) -> HeaderValue {
    built(HOLD, "", 0, true, https)
}

/// Remembers a zone for a year. `zone` must be a zone's name.
pub fn time_zone(zone: &str, https: bool) -> HeaderValue {
    built(TIME_ZONE, zone, YEAR_DAYS, false, https)
}

/// Remembers a theme for a year; `System` forgets it.
pub fn theme(theme: Theme, https: bool) -> HeaderValue {
    let days = if theme == Theme::System { 0 } else { YEAR_DAYS };
    built(THEME, theme.as_str(), days, true, https)
}

fn built(name: &str, value: &str, days: i64, hidden: bool, secure: bool) -> HeaderValue {
    let hidden = if hidden { "; HttpOnly" } else { "" };
    let secure = if secure { "; Secure" } else { "" };
    let seconds = days * 24 * 60 * 60;
    // Names and values are ours: secrets in base64, zone names, fixed words. Should one ever not fit a header,
    // no cookie is the safe answer.
    HeaderValue::try_from(format!("{name}={value}; Path=/; Max-Age={seconds}; SameSite=Lax{hidden}{secure}"))
        .unwrap_or_else(|_| HeaderValue::from_static(""))
}

/// A response header that sets `cookie`.
pub fn set(cookie: HeaderValue) -> [(header::HeaderName, HeaderValue); 1] {
    [(header::SET_COOKIE, cookie)]
}
