//! Reminders: which are to be sent when, and whether one that is due is still wanted.
//!
//! A reminder is so many elapsed minutes before the start: "a day before" is 24 hours, also when the clocks change in between, so it
//! may come at nine for a session at ten. What a session type says counts at the change that makes a booking confirmed or
//! moves it; a coach who changes it later changes nothing about bookings that stand.

use async_trait::async_trait;
use serde_json::{Value, json};

use super::Consequence;
use crate::{
    Deps,
    bookings::{Booking, Change},
    jobs::{self, Job, JobKind, NewJob},
    model::{BookingStatus, Instant, Minutes, Reminders, UserId},
    store::{StoreError, Tx, sql},
};

/// Who is reminded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recipient {
    /// Who booked.
    Client,
    /// Who is booked.
    Coach,
}

impl Recipient {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Client, Self::Coach];

    /// The word in the job.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Coach => "coach",
        }
    }

    /// The recipient of a job's word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|to| to.as_str() == word)
    }

    /// Which of the two people of `booking` it is.
    pub const fn of(self, booking: &Booking) -> UserId {
        match self {
            Self::Client => booking.client_id,
            Self::Coach => booking.coach_id,
        }
    }
}

/// A reminder, as its job says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reminder {
    /// Who is reminded.
    pub to: Recipient,
    /// How often the booking had been moved when this was planned.
    pub sequence: i64,
    /// Elapsed minutes before the start.
    pub minutes: Minutes,
}

impl Reminder {
    /// The reminder of a job of [`JobKind::Reminder`]; `None` when its payload is not one.
    pub fn of_job(job: &Job) -> Option<Self> {
        let to = Recipient::parse(job.payload.get("to")?.as_str()?)?;
        let sequence = job.payload.get("sequence")?.as_i64()?;
        let minutes = job.payload.get("minutes")?.as_u64()?;
        Some(Self { to, sequence, minutes: minutes.try_into().ok()? })
    }

    /// Why it is not to be sent (any more) at `now`, given the booking as it is; `None` when it is. To be asked right before
    /// sending: a job that was taken a moment before the booking changed is called off too late.
    pub fn moot(&self, booking: &Booking, now: Instant) -> Option<&'static str> {
        if booking.status != BookingStatus::Confirmed {
            Some("The session does not take place.")
        } else if booking.sequence != self.sequence {
            Some("The session was moved.")
        } else if booking.starts_at <= now {
            Some("The session has begun.")
        } else {
            None
        }
    }

    fn payload(self) -> Value {
        json!({ "to": self.to.as_str(), "sequence": self.sequence, "minutes": self.minutes })
    }

    /// When it is due for `booking`.
    fn due(self, booking: &Booking) -> Instant {
        booking.starts_at.plus_minutes(-i64::from(self.minutes))
    }
}

/// Plans the reminders of a booking that is confirmed, and calls off those of one that is not or that was elsewhere in time.
pub struct ReminderPlan;

#[async_trait]
impl Consequence for ReminderPlan {
    async fn plan(&self, tx: &mut Tx, deps: &Deps, change: &Change) -> Result<(), StoreError> {
        // What counts is the booking as it is: an older change, told late, plans what the newest one would, and that happens once.
        let booking = &change.booking;
        let now = deps.clock.now();
        let confirmed = booking.status == BookingStatus::Confirmed;
        let keep = if confirmed { format!("reminder:{}:{}:", booking.id, booking.sequence) } else { "-".to_owned() };
        jobs::call_off_others(tx, JobKind::Reminder, booking.id, &keep, now).await?;
        if !confirmed {
            return Ok(());
        }
        let row = sql("SELECT reminders FROM session_types WHERE id = $1").bind(booking.session_type_id).one(&mut *tx).await?;
        let reminders = row.parse("reminders", Reminders::parse)?;
        for minutes in reminders.minutes() {
            for to in Recipient::ALL {
                let reminder = Reminder { to, sequence: booking.sequence, minutes: *minutes };
                if reminder.due(booking) > now {
                    jobs::enqueue(tx, &*deps.ids, now, job_of(booking, reminder, &keep)).await?;
                }
            }
        }
        Ok(())
    }
}

fn job_of(booking: &Booking, reminder: Reminder, prefix: &str) -> NewJob {
    NewJob {
        kind: JobKind::Reminder,
        key: format!("{prefix}{}:{}", reminder.minutes, reminder.to.as_str()),
        lane: None,
        coach_id: Some(booking.coach_id),
        booking_id: Some(booking.id),
        user_id: Some(reminder.to.of(booking)),
        payload: reminder.payload(),
        run_at: reminder.due(booking),
    }
}
