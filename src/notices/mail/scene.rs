//! What a person reads about a change of a booking.

use fluent_bundle::FluentValue;

use super::{Block, Content, Fact, Fill, Side, Speech, content::one_line};
use crate::{
    bookings::{BookingChange, Change},
    config::PublicUrl,
    integrations::ical::write::Method,
    model::{BookingStatus, Instant, PlaceKind, Role},
    time::Zone,
};

/// How long a coach has to answer, in minutes, where the booking does not say any more.
const ANSWER_MINUTES: i64 = 3 * 24 * 60;

/// A change, seen by one of the two.
#[derive(Clone, Copy)]
pub(super) struct Scene<'a> {
    pub(super) change: &'a Change,
    pub(super) side: Side,
    pub(super) speech: Speech<'a>,
    pub(super) site: &'a str,
    pub(super) url: &'a PublicUrl,
}

impl Scene<'_> {
    /// The whole mail. `invite`: what its invitation is for; `written`: the session is written into the reader's calendar.
    pub(super) fn content(&self, invite: Option<Method>, written: bool) -> Content {
        let part = |part: &str| self.tell(&format!("{}-{}-{part}", self.what(), self.side.as_str()));
        let mut blocks = vec![Block::Text(part("lead")), Block::Facts(self.facts())];
        blocks.extend(self.notes());
        blocks.extend(self.button());
        blocks.extend(self.calendar(invite, written).map(Block::Small));
        blocks.extend(self.terms().map(Block::Small));
        Content {
            language: self.speech.tag().to_owned(),
            subject: part("subject"),
            heading: part("heading"),
            blocks,
            footer: self.tell("footer-booking"),
        }
    }

    /// The mail that reminds of the session, `minutes` before it.
    pub(super) fn reminder(&self, minutes: u32) -> Content {
        let span = self.speech.span(minutes);
        let part = |part: &str| {
            let mut fills = self.fills();
            fills.push(("span", span.as_str().into()));
            self.speech.tell(&format!("reminder-{}-{part}", self.side.as_str()), &fills)
        };
        let mut blocks = vec![Block::Text(part("lead")), Block::Facts(self.facts())];
        blocks.extend(self.button());
        blocks.extend(self.terms().map(Block::Small));
        Content {
            language: self.speech.tag().to_owned(),
            subject: part("subject"),
            heading: part("heading"),
            blocks,
            footer: self.tell("footer-booking"),
        }
    }

    /// The words of `key`, which may use whatever is known of the booking.
    pub(super) fn tell(&self, key: &str) -> String {
        self.speech.tell(key, &self.fills())
    }

    /// The booking's page.
    pub(super) fn page(&self) -> String {
        self.url.join(&format!("/bookings/{}", self.change.booking.id))
    }

    /// The zone of the reader: a mentee's is the one they booked in.
    pub(super) const fn zone(&self) -> &Zone {
        match self.side {
            Side::Client => &self.change.booking.client_zone,
            Side::Coach => &self.change.booking.coach_zone,
        }
    }

    /// Where it takes place, in words, and the one link to it.
    pub(super) fn place(&self) -> (String, Option<String>) {
        let booking = &self.change.booking;
        let agreed = self.change.status == BookingStatus::Confirmed;
        let link = booking.meeting_link().filter(|_| agreed);
        let words = match booking.place.kind {
            PlaceKind::InPerson => one_line(&booking.place.value),
            PlaceKind::Phone if booking.place.value.is_empty() => self.speech.say("place-phone"),
            PlaceKind::Phone => self.speech.tell("place-phone-number", &[("number", one_line(&booking.place.value).into())]),
            PlaceKind::Link | PlaceKind::Jitsi | PlaceKind::Provider => self.speech.say(match (agreed, &link) {
                (_, Some(_)) => "place-video",
                (true, None) => "place-video-later",
                (false, None) => "place-video-pending",
            }),
        };
        (words, link)
    }

    /// What stands in a calendar's event.
    pub(super) fn description(&self, link: Option<&str>) -> String {
        let page = self.page();
        let mut lines = vec![self.tell("event-description")];
        lines.extend(link.map(|link| self.speech.tell("event-link", &[("link", link.into())])));
        lines.push(self.speech.tell("event-page", &[("page", page.into())]));
        lines.join("\n")
    }

    /// The first part of the keys of this change's words.
    const fn what(&self) -> &'static str {
        let waits = matches!(self.change.status, BookingStatus::Pending);
        match self.change.what {
            BookingChange::Booked | BookingChange::Reserved => "booked",
            BookingChange::Requested => "requested",
            BookingChange::Declined => "declined",
            BookingChange::Expired => "expired",
            BookingChange::Cancelled => "cancelled",
            BookingChange::Moved if !waits => "moved",
            BookingChange::Moved if matches!(self.change.role, Some(Role::Mentee)) => "asked",
            BookingChange::Moved => "shifted",
            // Nobody is written to about what comes after a session.
            BookingChange::Confirmed | BookingChange::Completed | BookingChange::NoShow => "confirmed",
        }
    }

    const fn has_ended(&self) -> bool {
        matches!(self.change.status, BookingStatus::Declined | BookingStatus::Expired | BookingStatus::Cancelled)
    }

    fn fills(&self) -> Vec<Fill<'_>> {
        let Change { booking, starts_at, .. } = self.change;
        let by = match self.change.role {
            Some(Role::Mentee) => "client",
            Some(Role::Coach) => "coach",
            Some(Role::Admin) | None => "other",
        };
        let other = match self.side {
            Side::Client => &booking.coach_name,
            Side::Coach => &booking.client_name,
        };
        let line = |text: &str| FluentValue::from(one_line(text));
        vec![
            ("title", line(&booking.title)),
            ("coach", line(&booking.coach_name)),
            ("client", line(&booking.client_name)),
            ("other", line(other)),
            ("by", by.into()),
            ("site", self.site.into()),
            ("short", self.speech.short_moment(self.zone(), *starts_at).into()),
            ("answer-by", self.speech.moment(self.zone(), self.answer_by()).into()),
        ]
    }

    fn answer_by(&self) -> Instant {
        let Change { booking, at, starts_at, .. } = self.change;
        booking.answer_by.unwrap_or_else(|| at.plus_minutes(ANSWER_MINUTES).min(*starts_at))
    }

    fn facts(&self) -> Vec<Fact> {
        let (change, speech) = (self.change, self.speech);
        let booking = &change.booking;
        let when = |start: Instant| speech.when(self.zone(), start, start.plus_minutes(i64::from(booking.duration_minutes())));
        let mut facts = vec![Fact::new(speech.say("label-when"), when(change.starts_at))];
        if let Some(before) = change.moved_from {
            facts.push(Fact::new(speech.say("label-was"), when(before)));
        }
        let other = match self.side {
            Side::Client => one_line(&booking.coach_name),
            Side::Coach => format!("{} <{}>", one_line(&booking.client_name), booking.client_email),
        };
        facts.push(Fact::new(speech.say("label-with"), other));
        if !self.has_ended() {
            facts.push(Fact::new(speech.say("label-length"), speech.span(booking.duration_minutes())));
            let (place, link) = self.place();
            facts.push(Fact::new(speech.say("label-place"), place).with_link(link));
        }
        if matches!(change.what, BookingChange::Booked | BookingChange::Requested | BookingChange::Confirmed) {
            let price = if booking.price.is_free() { speech.say("price-free") } else { booking.price.to_string() };
            facts.push(Fact::new(speech.say("label-price"), price));
        }
        if !change.why.is_empty() {
            facts.push(Fact::new(speech.say("label-reason"), one_line(&change.why)));
        }
        facts
    }

    /// What the mentee wrote, where it is news.
    fn notes(&self) -> Option<Block> {
        let notes = &self.change.booking.notes;
        let news = matches!(self.change.what, BookingChange::Booked | BookingChange::Requested);
        let heading = format!("label-notes-{}", self.side.as_str());
        (news && !notes.is_empty()).then(|| Block::Quote(self.tell(&heading), notes.clone()))
    }

    /// The one thing to do next, and its address to copy.
    fn button(&self) -> [Block; 2] {
        let (words, link) = match (self.side, self.change.status) {
            (Side::Coach, BookingStatus::Pending) => ("button-answer", self.page()),
            (Side::Client, _) if self.has_ended() => {
                ("button-again", self.url.join(&format!("/coaches/{}", self.change.booking.coach_slug)))
            }
            _ => ("button-booking", self.page()),
        };
        [Block::Button(self.speech.say(words), link.clone()), Block::Address(self.speech.say("link-copy"), link)]
    }

    fn calendar(&self, invite: Option<Method>, written: bool) -> Option<String> {
        match invite {
            Some(Method::Request) => Some(self.speech.say("invite-request")),
            Some(Method::Cancel) => Some(self.speech.say("invite-cancel")),
            _ => (written && self.change.status == BookingStatus::Confirmed).then(|| self.speech.say("calendar-written")),
        }
    }

    /// Until when it may be moved or cancelled.
    fn terms(&self) -> Option<String> {
        let Change { booking, starts_at, at, .. } = self.change;
        if self.has_ended() {
            return None;
        }
        let until = starts_at.plus_minutes(-i64::from(booking.notice_minutes));
        Some(match self.side {
            Side::Coach => self.speech.say("terms-coach"),
            Side::Client if until <= *at => self.tell("terms-client-over"),
            Side::Client => self.speech.tell("terms-client", &[("until", self.speech.moment(self.zone(), until).into())]),
        })
    }
}
