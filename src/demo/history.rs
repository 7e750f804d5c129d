//! Plays the stories: each step at its own instant, on a time that was on offer then.

use super::{
    DemoError,
    practice::Practice,
    stories::{self, End, Story},
};
use crate::{
    accounts::{CoachActor, MenteeActor},
    bookings::{BookRequest, Booking, HoldRequest, Outcome, SlotQuery},
    coaches::CoachOffer,
    error::Internal,
    model::{BookingStatus, Instant, WallTime},
    time::{Interval, Zone},
};

const HOUR: i64 = 60;
const DAY: i64 = 24 * HOUR;

/// So many days further a story goes to find a free time: past a weekend, a holiday and a full week.
const PATIENCE: i64 = 16;

/// Plays every story.
pub(super) async fn play(practice: &Practice) -> Result<(), DemoError> {
    for (number, story) in (0..).zip(stories::ALL) {
        Play::of(practice, story, number).await?.play().await?;
    }
    practice.clock.set(practice.now);
    Ok(())
}

/// A story on its stage.
struct Play<'a> {
    practice: &'a Practice,
    story: &'a Story,
    coach: CoachActor,
    mentee: MenteeActor,
    mentee_zone: Zone,
    offer: std::sync::Arc<CoachOffer>,
    /// When the mentee books.
    made: Instant,
}

impl<'a> Play<'a> {
    async fn of(practice: &'a Practice, story: &'a Story, number: i64) -> Result<Self, DemoError> {
        let (coach, mentee) = (practice.coach_actors.get(story.coach), practice.mentee_actors.get(story.mentee));
        let Some((&coach, (mentee, mentee_zone))) = coach.zip(mentee) else {
            return Err(Internal::new("a story of the demo is about nobody").into());
        };
        let (mentee, mentee_zone, offer) = (*mentee, mentee_zone.clone(), practice.offer(coach).await?);
        let before = practice.now.plus_minutes((story.day.min(0) - story.lead) * DAY);
        // Within the last day when there is no lead, and never two at the same minute.
        let made = before.plus_minutes(-(2 * HOUR + 17 * number));
        Ok(Self { practice, story, coach, mentee, mentee_zone, offer, made })
    }

    async fn play(&self) -> Result<(), DemoError> {
        let booking = self.book().await?;
        let (bookings, clock) = (&self.practice.bookings, &self.practice.clock);
        clock.set(self.made.plus_minutes(3 * HOUR).min(self.practice.now));
        let confirmed = !matches!(self.story.end, End::Booked | End::Declined(_));
        if booking.status == BookingStatus::Pending && confirmed {
            bookings.confirm(&self.coach, booking.id).await?;
        }
        match self.story.end {
            End::Booked | End::Confirmed => {}
            End::Declined(reason) => drop(bookings.decline(&self.coach, booking.id, reason).await?),
            End::CancelledByMentee(reason) => drop(bookings.cancel(self.mentee, booking.id, reason).await?),
            End::CancelledByCoach(reason) => drop(bookings.cancel(self.coach, booking.id, reason).await?),
            End::Completed => self.finish(&booking, Outcome::Completed).await?,
            End::NoShow => self.finish(&booking, Outcome::NoShow).await?,
            End::Moved(days, reason) => self.move_by(&booking, days, reason).await?,
        }
        Ok(())
    }

    async fn book(&self) -> Result<Booking, DemoError> {
        self.practice.clock.set(self.made);
        let kind = self.offer.session_types.iter().find(|kind| kind.name == self.story.kind);
        let kind = kind.ok_or_else(|| Internal::new("a story of the demo is about nothing"))?;
        let slot = self.find(&SlotQuery::booking(&self.offer, kind), self.story.day).await?;
        let bookings = &self.practice.bookings;
        let zone = self.mentee_zone.clone();
        let request = HoldRequest { coach: self.coach.id(), session_type: kind.id, start: slot.start, zone, from: None };
        let (secret, _) = bookings.hold(request, None).await?;
        // Four minutes to fill in the form.
        self.practice.clock.set(self.made.plus_minutes(4));
        Ok(bookings.book(&self.mentee, &secret, BookRequest { notes: self.story.notes.to_owned(), ..BookRequest::default() }).await?)
    }

    async fn move_by(&self, booking: &Booking, days: i64, reason: &str) -> Result<(), DemoError> {
        let (zone, now) = (&self.offer.zone, self.practice.now);
        let day = (zone.date_of(booking.starts_at) - zone.date_of(now)).num_days();
        let slot = self.find(&SlotQuery::moving(&self.offer, booking, self.mentee), day + days).await?;
        self.practice.bookings.reschedule(self.mentee, booking.id, slot.start, reason).await?;
        Ok(())
    }

    async fn finish(&self, booking: &Booking, outcome: Outcome) -> Result<(), DemoError> {
        self.practice.clock.set(booking.ends_at.plus_minutes(20));
        self.practice.bookings.finish(&self.coach, booking.id, outcome).await?;
        Ok(())
    }

    /// The slot on offer nearest to the story's hour, on the first day from `day` on that has any. What is to
    /// be past is over by now for an hour.
    async fn find(&self, query: &SlotQuery<'_>, day: i64) -> Result<Interval, DemoError> {
        let (zone, now) = (&self.offer.zone, self.practice.now);
        let over = |slot: &Interval| day >= 0 || slot.end.plus_minutes(HOUR) <= now;
        for further in 0..PATIENCE {
            let date = day_of(zone, now, if day < 0 { day - further } else { day + further });
            let Some((range, wish)) = date.and_then(|date| Some((zone.day(date)?, zone.start_of(date, self.hour()?)?))) else { continue };
            let slots = self.practice.bookings.slots().within(query, range).await?;
            let nearest = slots.into_iter().filter(over).min_by_key(|slot| slot.start.millis().abs_diff(wish.millis()));
            if let Some(slot) = nearest {
                return Ok(slot);
            }
        }
        Err(DemoError::Refused(format!("a {} on day {}: nothing is free", self.story.kind, self.story.day).into()))
    }

    fn hour(&self) -> Option<WallTime> {
        WallTime::from_minutes(self.story.hour * 60)
    }
}

/// The date so many days from today in `zone`.
fn day_of(zone: &Zone, now: Instant, days: i64) -> Option<chrono::NaiveDate> {
    zone.date_of(now).checked_add_signed(chrono::TimeDelta::try_days(days)?)
}
