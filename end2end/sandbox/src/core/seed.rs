//! The people and calendars that every sandbox begins with. All invented, all at example domains.

use jiff::civil::{Date, Time};
use jiff::{Span, Timestamp};

use super::calendar::{Calendar, Event, Role, Show, When, zone};
use super::people::{Account, Kind};
use super::provider::Provider;
use super::recur::Rule;

struct Person {
    first: &'static str,
    name: &'static str,
    zone: &'static str,
}

const PEOPLE: [Person; 4] = [
    Person { first: "maya", name: "Maya Lindqvist", zone: "Europe/Stockholm" },
    Person { first: "tomas", name: "Tomás Ferreira", zone: "Europe/Lisbon" },
    Person { first: "denise", name: "Denise Walker", zone: "America/New_York" },
    Person { first: "ananya", name: "Ananya Iyer", zone: "Asia/Kolkata" },
];

/// Everyone, at every provider. With Microsoft the last one's account is a personal one.
pub(crate) fn accounts(now: Timestamp) -> Vec<Account> {
    let at_provider = |provider: Provider| {
        PEOPLE.iter().enumerate().map(move |(index, person)| {
            let kind = if index + 1 == PEOPLE.len() { Kind::Personal } else { Kind::Work };
            account(provider, index, person, kind, now)
        })
    };
    Provider::CALENDARS.into_iter().flat_map(at_provider).collect()
}

fn account(provider: Provider, index: usize, person: &Person, kind: Kind, now: Timestamp) -> Account {
    let Person { first, name, zone } = person;
    let (id, email) = match provider {
        Provider::Google => (format!("1184700000000000000{index}"), format!("{first}@google.example")),
        Provider::Microsoft => (format!("0b1c2d3e-0000-4000-8000-00000000000{index}"), format!("{first}@microsoft.example")),
        Provider::Cal | Provider::Stripe => (format!("{}", 7100 + index), format!("{first}@{}.example", provider.slug())),
    };
    let calendars = match provider {
        Provider::Cal | Provider::Stripe => Vec::new(),
        Provider::Google | Provider::Microsoft => calendars(provider, first, &email, zone, now),
    };
    Account { provider, id, email, name: (*name).to_owned(), kind, zone: (*zone).to_owned(), calendars }
}

fn calendars(provider: Provider, first: &str, email: &str, zone: &str, now: Timestamp) -> Vec<Calendar> {
    let id = |part: &str| match provider {
        Provider::Google if part == "calendar" => email.to_owned(),
        Provider::Google => format!("{first}-{part}@group.calendar.google.example"),
        _ => format!("AQMkAGI2-{first}-{part}-AAAA="),
    };
    let week = Week { today: now.to_zoned(super::calendar::zone(zone)).date(), zone, now };
    let name = if provider == Provider::Microsoft { "Calendar" } else { email };
    let mut primary = Calendar::new(&id("calendar"), name, zone, Role::Owner);
    primary.primary = true;
    week.fill(&mut primary);
    let mut private = Calendar::new(&id("private"), "Private", zone, Role::Owner);
    private.put(week.timed("seedsport", "Gym", 1, 18, 75), now);
    private.put(week.timed("seedschool", "Parents' evening", 3, 17, 120), now);
    let mut team = Calendar::new(&id("team"), "Team", zone, Role::Reader);
    team.meetings = false;
    team.put(week.timed("seedoffsite", "Offsite planning", 4, 10, 180), now);
    vec![primary, private, team]
}

/// Days counted from today, in a person's zone.
struct Week<'a> {
    today: Date,
    zone: &'a str,
    now: Timestamp,
}

impl Week<'_> {
    /// The date `days` from today; one at a weekend moves to the Monday after.
    fn day(&self, days: i32) -> Date {
        let date = self.today.saturating_add(Span::new().days(days));
        match date.weekday().to_monday_zero_offset() {
            past if past > 4 => date.saturating_add(Span::new().days(7 - i32::from(past))),
            _ => date,
        }
    }

    fn timed(&self, id: &str, summary: &str, days: i32, hour: i8, minutes: i64) -> Event {
        let time = Time::new(hour, 0, 0, 0).unwrap_or(Time::midnight());
        let start = self.day(days).to_datetime(time).to_zoned(zone(self.zone)).map_or(self.now, |zoned| zoned.timestamp());
        let end = super::clock::plus(start, minutes * 60);
        Event::new(id.to_owned(), summary, When::At(start), When::At(end), self.zone, self.now)
    }

    fn fill(&self, calendar: &mut Calendar) {
        let mut put = |event: Event| {
            calendar.put(event, self.now);
        };
        put(self.timed("seedquarter", "Quarterly review", 1, 9, 60));
        put(self.timed("seedlunch", "Lunch with Jonas", 2, 12, 90));
        put(self.timed("seedtalk", "Interview", 3, 14, 45));
        let mut standup = self.timed("seedstandup", "Stand-up", 0, 9, 15);
        standup.rule = Rule::parse("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR").ok();
        put(standup);
        let mut focus = self.timed("seedfocus", "Focus, interrupt me", 2, 15, 120);
        focus.show = Show::Free;
        put(focus);
        let mut maybe = self.timed("seedperhaps", "Perhaps: call with Emily", 4, 16, 30);
        maybe.tentative = true;
        maybe.show = Show::Tentative;
        put(maybe);
        let mut off = self.timed("seedcalledoff", "Called off: budget", 2, 10, 60);
        off.cancelled = true;
        put(off);
        let holiday = self.day(8);
        let after = holiday.saturating_add(Span::new().days(1));
        put(Event::new("seedleave".to_owned(), "Day off", When::On(holiday), When::On(after), self.zone, self.now));
    }
}
