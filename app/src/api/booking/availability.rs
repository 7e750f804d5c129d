//! `GET /booking/coach/{id}/availability`: when a coach is really free.

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use wellmet::{
    bookings::CoachNow,
    coaches::SessionType,
    integrations::standing::Standing,
    model::{Instant, SessionTypeId},
    time::Interval,
};

use super::words;
use crate::{
    api::{
        caller::MaybeCaller,
        codes::Code,
        moment::Moment,
        problem::Problem,
        refusals::{Always, OfOne, WithToken},
        sent::{Asked, At},
        shapes::{Slot, Time, Ulid, ZoneName},
    },
    server::AppState,
};

/// So much can be asked for at once.
const MOST_DAYS: i64 = 93;

/// When, and for what.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Window {
    /// Sessions that start then or later.
    #[param(value_type = String, format = DateTime, example = "2026-11-15T00:00:00Z")]
    start_date: Moment,
    /// Sessions that start before then: after `start_date`, by 93 days at most.
    #[param(value_type = String, format = DateTime, example = "2026-11-16T00:00:00Z")]
    end_date: Moment,
    /// How long the session is to be, in minutes. Without it and without `session_type_id`: the coach's first session type.
    #[param(minimum = 5, maximum = 720, example = 60, nullable = false)]
    duration_minutes: Option<u32>,
    /// For this session type of the coach.
    #[param(value_type = Option<Ulid>, nullable = false)]
    session_type_id: Option<SessionTypeId>,
}

impl Window {
    fn span(&self) -> Result<Interval, Problem> {
        let span = Interval { start: self.start_date.0, end: self.end_date.0 };
        if span.end <= span.start {
            return Err(Problem::field("end_date", "This is not after start_date."));
        }
        if span.end > span.start.plus_minutes(MOST_DAYS * 24 * 60) {
            return Err(Problem::field("end_date", format!("This is more than {MOST_DAYS} days after start_date.")));
        }
        Ok(span)
    }
}

/// What the coach's calendars are worth at this instant: `known`; `last_known`: they cannot be read at the moment, and times are offered by what was known
/// last; `on_request`: the same, and each booking waits for the coach; `unknown`: nothing is offered until they can be read again.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum CalendarState {
    Known,
    LastKnown,
    OnRequest,
    Unknown,
}

/// When a coach is free.
#[derive(Serialize, ToSchema)]
#[schema(as = FreeTimes)]
pub(super) struct Availability {
    /// The coach.
    #[schema(value_type = Ulid)]
    coach_id: String,
    /// The session type that the times are for.
    #[schema(value_type = Ulid)]
    session_type_id: String,
    /// The coach's zone.
    #[schema(value_type = ZoneName)]
    time_zone: String,
    /// Whether a booking waits for the coach to accept.
    #[schema(example = false)]
    approval_required: bool,
    /// What the coach's calendars are worth now.
    calendars: CalendarState,
    /// When the coach's calendars were read, the one that was read longest ago; null where none is connected.
    #[schema(value_type = Option<Time>, required)]
    calendars_known_at: Option<String>,
    /// The times that can be booked now, earliest first.
    available_slots: Vec<Slot>,
}

impl Availability {
    fn of(coach: &CoachNow, kind: &SessionType, free: &[Interval]) -> Self {
        Self {
            coach_id: coach.offer.coach_id.to_string(),
            session_type_id: kind.id.to_string(),
            time_zone: coach.offer.zone.name().to_owned(),
            approval_required: kind.approval_required || coach.standing.asks_the_coach(),
            calendars: match coach.standing {
                Standing::Known => CalendarState::Known,
                Standing::Kept(_) => CalendarState::LastKnown,
                Standing::OnRequest(_) => CalendarState::OnRequest,
                Standing::Stopped(_) => CalendarState::Unknown,
            },
            calendars_known_at: coach.calendars_known_at.filter(|at| at.millis() > 0).map(Instant::to_rfc3339),
            available_slots: free.iter().copied().map(Slot::of).collect(),
        }
    }
}

/// When a coach is really free
///
/// The same times as on the coach's page: within their hours, clear of bookings and of their connected calendars, with notice, horizon and caps
/// obeyed. Nobody needs a token for it.
#[utoipa::path(
    get,
    path = "/booking/coach/{id}/availability",
    operation_id = "availability",
    tag = "bookings",
    security((), ("token" = [])),
    params(("id" = inline(Ulid), Path, description = "The coach's id."), Window),
    responses((status = 200, description = "When the coach is free.", body = Availability), Always, WithToken, OfOne)
)]
pub(super) async fn get(
    State(app): State<AppState>,
    _: MaybeCaller,
    At(id): At<String>,
    Asked(window): Asked<Window>,
) -> Result<Json<Availability>, Problem> {
    let invalid = || Problem::new(Code::NotFound, "Invalid coach");
    let span = window.span()?;
    let coach = app.bookings.coach_now(id.parse().map_err(|_| invalid())?).await?.ok_or_else(invalid)?;
    let kind = words::session_type(&coach.offer, window.session_type_id, window.duration_minutes)?;
    let free = app.bookings.free(&coach, kind, span).await?;
    Ok(Json(Availability::of(&coach, kind, &free)))
}
