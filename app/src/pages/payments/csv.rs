use std::fmt::Write;

use axum::{
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use chrono::NaiveDate;
use wellmet::{
    payments::LedgerLine,
    time::{Interval, Zone},
};

use crate::server::{AppState, PageError, PathOf, SignedInCoach};

/// `/dashboard/payments/2026.csv`: what moved in that year of the coach's calendar.
pub(super) async fn file(
    State(app): State<AppState>,
    SignedInCoach(coach, viewer): SignedInCoach,
    PathOf(name): PathOf<String>,
) -> Result<Response, PageError> {
    let year: i32 = name
        .strip_suffix(".csv")
        .and_then(|year| year.parse().ok())
        .filter(|year| (2000..3000).contains(year))
        .ok_or(PageError::NotFound)?;
    let zone = Zone::parse(viewer.time_zone()).unwrap_or_else(Zone::utc);
    let first = |year| NaiveDate::from_ymd_opt(year, 1, 1).and_then(|date| zone.day(date)).map(|day| day.start);
    let (Some(start), Some(end)) = (first(year), first(year + 1)) else { return Err(PageError::NotFound) };
    let text = csv(&app.payments.ledger(&coach, Interval { start, end }).await?);
    let kind = HeaderValue::from_static("text/csv; charset=utf-8; header=present");
    let name = HeaderValue::try_from(format!("attachment; filename=\"payments-{year}.csv\"")).map_err(PageError::internal)?;
    Ok(([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, name)], text).into_response())
}

/// RFC 4180, one entry a line.
fn csv(lines: &[LedgerLine]) -> String {
    let mut text = "at,what,from,to,amount,currency,booking,session,mentee\r\n".to_owned();
    for line in lines {
        let (at, amount) = (line.at.to_rfc3339(), line.amount.amount());
        let (from, to, currency) = (line.from.as_str(), line.to.as_str(), line.amount.currency);
        let (title, name) = (quoted(&line.title), quoted(&line.client_name));
        // Writing to a text does not fail.
        let _ = write!(text, "{at},{},{from},{to},{amount},{},{},{title},{name}\r\n", line.kind, currency.as_str(), line.booking_id);
    }
    text
}

/// A text as a field. What a table program would take for a formula is not one: a mentee's name must not compute anything.
fn quoted(text: &str) -> String {
    let guard = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_stay_fields() {
        assert_eq!(quoted("Deep, \"dive\""), "\"Deep, \"\"dive\"\"\"");
        assert_eq!(quoted("=HYPERLINK(1)"), "\"'=HYPERLINK(1)\"");
    }
}
