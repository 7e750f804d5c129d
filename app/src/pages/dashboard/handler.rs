//! `/dashboard`.

use axum::response::Response;
use leptos::prelude::*;
use serde::Deserialize;
use wellmet::{
    accounts::CoachActor,
    bookings::{Booking, Scope},
    coaches::CoachOffer,
    error::Internal,
    integrations::{health::Health, write_back::Drifted},
    model::{BookingStatus, Instant},
    time::{
        Interval, Zone,
        words::{distance, long_date},
    },
};

use super::{
    line::Line,
    view::DashboardPage,
    week::{self, Week},
};
use crate::{
    components::Nav,
    server::{AppState, Page, PageContext, PageError, QueryOf, SignedInCoach, live::live_at_mine, page},
};

#[derive(Debug, Deserialize)]
pub(super) struct DashboardQuery {
    week: Option<String>,
}

/// All that the page shows.
pub(super) struct Dashboard {
    /// `Tuesday 8 December 2026`.
    pub(super) today: String,
    /// The coach's zone.
    pub(super) zone: String,
    /// What is on right now.
    pub(super) now: Option<Line>,
    /// The next confirmed session, and how far away it is.
    pub(super) next: Option<(Line, String)>,
    /// The rest of today's sessions.
    pub(super) later: Vec<Line>,
    /// Waiting for an answer, the oldest first.
    pub(super) requests: Vec<Line>,
    /// Waiting for an outcome, the latest first.
    pub(super) unfinished: Vec<Line>,
    /// The week.
    pub(super) week: Week,
    /// Whether nothing was ever booked.
    pub(super) fresh: bool,
    /// What is set up.
    pub(super) ready: Ready,
    /// The connected accounts that only the coach can mend: what people call them.
    pub(super) broken: Vec<String>,
    /// Sessions whose events were deleted or moved in the coach's calendar, and the coach's zone.
    pub(super) drifted: (Vec<Drifted>, Zone),
    /// How many follow-ups of bookings failed so far or were given up.
    pub(super) outstanding: usize,
    /// The address of the coach's public page.
    pub(super) link: String,
    /// Whether sessions are paid for here.
    pub(super) pays: bool,
}

/// What a coach has set up.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ready {
    /// There are hours.
    pub(super) hours: bool,
    /// Something can be booked.
    pub(super) session_types: bool,
    /// A calendar is connected.
    pub(super) calendars: bool,
}

pub(super) async fn show(
    SignedInCoach(coach, viewer): SignedInCoach,
    context: PageContext,
    QueryOf(query): QueryOf<DashboardQuery>,
) -> Result<Response, PageError> {
    let live = live_at_mine(&context.app, &viewer).await?;
    let dashboard = gather(&context.app, &coach, query.week.and_then(|date| date.parse().ok())).await?;
    let waiting = dashboard.requests.len();
    let title = if waiting == 0 { "Today".to_owned() } else { format!("Today ({waiting} to answer)") };
    Ok(page(&context, Page::private(title).nav(Nav::Today), || view! { <DashboardPage dashboard live /> }))
}

async fn gather(app: &AppState, coach: &CoachActor, wanted: Option<chrono::NaiveDate>) -> Result<Dashboard, Internal> {
    let offer = app.offers.by_id(coach.id()).await?.ok_or_else(|| Internal::new("a coach without a profile"))?;
    let (zone, now) = (&offer.zone, app.deps.clock.now());
    let line = |booking: &Booking| Line::of(booking, zone, now);
    let upcoming = app.bookings.list(*coach, Scope::Upcoming, None, 20).await?.bookings;
    let requests = app.bookings.list(*coach, Scope::Requests, None, 50).await?.bookings;
    let unfinished = app.bookings.unfinished(coach).await?;
    let today = zone.date_of(now);
    let week = read_week(app, coach, &offer, wanted.unwrap_or(today), now).await?;
    let (current, next, later) = planned(&upcoming, zone, now);
    let quiet = upcoming.is_empty() && requests.is_empty() && unfinished.is_empty();
    let fresh = quiet && app.bookings.list(*coach, Scope::Past, None, 1).await?.bookings.is_empty();
    let hours =
        offer.hours.weekly.0.iter().any(|windows| !windows.is_empty()) || offer.hours.overrides.values().any(|windows| !windows.is_empty());
    let accounts = app.integrations.list(coach).await?;
    let broken = accounts.iter().map(|account| &account.integration).filter(|account| account.state.health == Health::NeedsReconnect);
    let broken = broken.map(|account| format!("{} ({})", account.kind.name(), account.account_label)).collect();
    Ok(Dashboard {
        today: long_date(today),
        zone: zone.name().to_owned(),
        now: current,
        next,
        later,
        requests: requests.iter().map(line).collect(),
        unfinished: unfinished.iter().map(line).collect(),
        week,
        fresh,
        ready: Ready { hours, session_types: offer.session_types.iter().any(|kind| kind.active), calendars: !accounts.is_empty() },
        broken,
        drifted: (app.write_back.drifted(coach).await?, zone.clone()),
        outstanding: app.jobs.outstanding(*coach).await?.len(),
        pays: app.payments.is_on(),
        link: format!("{}/coaches/{}", app.config.public_url.origin(), offer.slug),
    })
}

/// What is on, what comes next and how far away it is, and what else is agreed for today.
type Planned = (Option<Line>, Option<(Line, String)>, Vec<Line>);

fn planned(upcoming: &[Booking], zone: &Zone, now: Instant) -> Planned {
    let line = |booking: &Booking| Line::of(booking, zone, now);
    let mut agreed = upcoming.iter().filter(|booking| booking.status == BookingStatus::Confirmed).peekable();
    let current = agreed.next_if(|booking| booking.starts_at <= now).map(line);
    let next = agreed.next().map(|booking| (line(booking), distance(now, booking.starts_at)));
    let today = zone.date_of(now);
    let later = agreed.filter(|booking| zone.date_of(booking.starts_at) == today).map(line).collect();
    (current, next, later)
}

async fn read_week(
    app: &AppState,
    coach: &CoachActor,
    offer: &CoachOffer,
    date: chrono::NaiveDate,
    now: Instant,
) -> Result<Week, Internal> {
    let dates = week::dates_of(date);
    let day = |date: Option<&chrono::NaiveDate>| date.and_then(|date| offer.zone.day(*date));
    let (Some(first), Some(last)) = (day(dates.first()), day(dates.last())) else { return Ok(Week::default()) };
    let bookings = app.bookings.calendar(coach, Interval { start: first.start, end: last.end }).await?;
    Ok(Week::of(offer, &dates, &bookings, now))
}
