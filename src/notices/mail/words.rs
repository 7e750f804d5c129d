//! What mail says, in the reader's language: one Fluent file for each.

use std::{fmt, sync::Arc};

use chrono::{Datelike, NaiveDate};
use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};
use unic_langid::LanguageIdentifier;

use crate::{
    model::{Instant, Weekday},
    time::Zone,
};

/// The languages of the program. The first stands in for what another one lacks.
pub const LANGUAGES: &[(&str, &str)] = &[("en", include_str!("words/en.ftl"))];

/// The words of every language. Cheap to clone.
#[derive(Clone)]
pub struct Words(Arc<Vec<Language>>);

struct Language {
    tag: String,
    bundle: FluentBundle<FluentResource>,
}

/// A file of words that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the words of the language {language}: {problem}")]
pub struct WordsError {
    /// Which.
    pub language: String,
    /// What is wrong with it.
    pub problem: String,
}

impl Words {
    /// The languages of the program.
    ///
    /// # Errors
    /// When one of its own files is broken, which a test rules out.
    pub fn of_program() -> Result<Self, WordsError> {
        Self::of(LANGUAGES)
    }

    /// The words of `languages`: a tag and a file's text each. The first stands in for the others.
    ///
    /// # Errors
    /// The first that cannot be used.
    pub fn of(languages: &[(&str, &str)]) -> Result<Self, WordsError> {
        languages.iter().map(|(tag, text)| language(tag, text)).collect::<Result<_, _>>().map(Arc::new).map(Self)
    }

    /// The words for someone who reads the language `tag`; in the first language if there is no such file.
    pub fn for_reader(&self, tag: &str) -> Speech<'_> {
        let own = self.0.iter().find(|language| language.tag == tag);
        Speech { own: own.or(self.0.first()), usual: self.0.first() }
    }
}

impl fmt::Debug for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|language| &language.tag)).finish()
    }
}

fn language(tag: &str, text: &str) -> Result<Language, WordsError> {
    let broken = |problem: String| WordsError { language: tag.to_owned(), problem };
    let id: LanguageIdentifier = tag.parse().map_err(|_| broken("its name is no language tag".to_owned()))?;
    let resource = FluentResource::try_new(text.to_owned()).map_err(|(_, errors)| broken(format!("{errors:?}")))?;
    let mut bundle = FluentBundle::new_concurrent(vec![id]);
    // Marks around each value would keep its direction; programs that show plain text show the marks too.
    bundle.set_use_isolating(false);
    bundle.add_resource(resource).map_err(|errors| broken(format!("{errors:?}")))?;
    Ok(Language { tag: tag.to_owned(), bundle })
}

/// The words of one language.
#[derive(Clone, Copy)]
pub struct Speech<'a> {
    own: Option<&'a Language>,
    usual: Option<&'a Language>,
}

/// What stands in for the `{ $name }` of a message.
pub type Fill<'a> = (&'static str, FluentValue<'a>);

impl Speech<'_> {
    /// The tag of the language, as HTML wants it.
    pub fn tag(&self) -> &str {
        self.own.map_or("en", |language| &language.tag)
    }

    /// The words of `key` without anything to fill in.
    pub fn say(&self, key: &str) -> String {
        self.tell(key, &[])
    }

    /// The words of `key`, filled in.
    pub fn tell(&self, key: &str, fills: &[Fill<'_>]) -> String {
        let args: FluentArgs<'_> = fills.iter().cloned().collect();
        for language in [self.own, self.usual].into_iter().flatten() {
            let Some(pattern) = language.bundle.get_message(key).and_then(|message| message.value()) else { continue };
            let mut errors = Vec::new();
            let words = language.bundle.format_pattern(pattern, Some(&args), &mut errors);
            if errors.is_empty() {
                return words.into_owned();
            }
            tracing::error!(target: "mail", key, language = language.tag, ?errors, "words that cannot be filled in");
        }
        // A test goes through every mail, so no reader sees this.
        format!("{{{key}}}")
    }

    /// `Tuesday 8 December 2026`.
    pub fn long_date(&self, date: NaiveDate) -> String {
        self.date("date-long", "weekday", "month", date)
    }

    /// `Tue 8 Dec`.
    pub fn short_date(&self, date: NaiveDate) -> String {
        self.date("date-short", "weekday-short", "month-short", date)
    }

    fn date(&self, key: &str, weekdays: &str, months: &str, date: NaiveDate) -> String {
        let weekday = self.say(&format!("{weekdays}-{}", Weekday::of(date) as u8 + 1));
        let month = self.say(&format!("{months}-{}", date.month()));
        let number = |number: i64| FluentValue::from(number.to_string());
        let fills = [
            ("weekday", weekday.into()),
            ("day", number(date.day().into())),
            ("month", month.into()),
            ("year", number(date.year().into())),
        ];
        self.tell(key, &fills)
    }

    /// `Tue 8 Dec, 13:00` on the clock of `zone`.
    pub fn short_moment(&self, zone: &Zone, at: Instant) -> String {
        let date = self.short_date(zone.date_of(at));
        self.tell("date-and-time", &[("date", date.into()), ("time", zone.wall(at).into())])
    }

    /// `Tuesday 8 December 2026, 13:00` on the clock of `zone`.
    pub fn moment(&self, zone: &Zone, at: Instant) -> String {
        let date = self.long_date(zone.date_of(at));
        self.tell("date-and-time", &[("date", date.into()), ("time", zone.wall(at).into())])
    }

    /// From `start` to `end` on the clock of `zone`: as [`crate::time::words::when`] has it, in this language.
    pub fn when(&self, zone: &Zone, start: Instant, end: Instant) -> String {
        let (first, last) = (zone.date_of(start), zone.date_of(end));
        let (from, until) = (zone.wall(start), zone.wall(end));
        let (before, after) = (zone.utc_offset_label(start), zone.utc_offset_label(end));
        let key = if before == after { "zone-offset" } else { "zone-offset-changes" };
        let zone = self.tell(key, &[("zone", zone.name().into()), ("offset", before.into()), ("then", after.into())]);
        // Ending at the stroke of midnight is still the same evening.
        let one_day = first == last || (first.succ_opt() == Some(last) && until == "00:00");
        let fills = [
            ("date", self.long_date(first).into()),
            ("from", from.into()),
            ("last-date", self.long_date(last).into()),
            ("until", until.into()),
            ("zone", zone.into()),
        ];
        self.tell(if one_day { "when-one-day" } else { "when-two-days" }, &fills)
    }

    /// How long something takes: minutes up to 90, hours and minutes up to two days, days beyond when they come out even.
    pub fn span(&self, minutes: u32) -> String {
        let count = |key: &str, number: u32| self.tell(key, &[("number", number.into())]);
        match (minutes / 60, minutes % 60) {
            _ if minutes <= 90 => count("span-minutes", minutes),
            (hours, 0) if hours % 24 == 0 && hours > 24 => count("span-days", hours / 24),
            (hours, 0) => count("span-hours", hours),
            (hours, minutes) => {
                let both = [("hours", count("span-hours", hours).into()), ("minutes", count("span-minutes", minutes).into())];
                self.tell("span-hours-and-minutes", &both)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Instant {
        Instant::parse_rfc3339(text).unwrap()
    }

    #[test]
    fn dates_say_what_the_pages_say() {
        let words = Words::of_program().unwrap();
        let english = words.for_reader("en");
        for zone in ["Europe/Lisbon", "Asia/Kathmandu", "America/New_York"].map(|name| Zone::parse(name).unwrap()) {
            for (start, end) in [
                ("2026-12-08T13:00:00Z", "2026-12-08T14:00:00Z"),
                ("2026-12-08T23:30:00Z", "2026-12-09T00:30:00Z"),
                ("2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"),
                ("2026-11-01T05:30:00Z", "2026-11-01T06:30:00Z"),
            ] {
                let (start, end) = (at(start), at(end));
                assert_eq!(english.when(&zone, start, end), crate::time::words::when(&zone, start, end));
                let date = zone.date_of(start);
                assert_eq!(english.long_date(date), crate::time::words::long_date(date));
                assert_eq!(english.short_date(date), crate::time::words::short_date(date));
            }
        }
        let spans = [1, 30, 60, 90, 150, 1440, 2880].map(|minutes| english.span(minutes));
        assert_eq!(spans, ["1 minute", "30 minutes", "60 minutes", "90 minutes", "2 hours 30 minutes", "24 hours", "2 days"]);
    }

    #[test]
    fn another_language_is_a_file_and_english_stands_in_for_what_it_lacks() {
        let french = "weekday-2 = mardi\nmonth-12 = décembre\ndate-long = le { $weekday } { $day } { $month } { $year }\n\
             span-minutes = { $number ->\n    [one] { $number } petite minute\n   *[other] { $number } petites minutes\n}\n";
        let words = Words::of(&[LANGUAGES[0], ("fr", french)]).unwrap();
        let (french, unknown) = (words.for_reader("fr"), words.for_reader("xx"));
        let date = NaiveDate::from_ymd_opt(2026, 12, 8).unwrap();
        assert_eq!(french.long_date(date), "le mardi 8 décembre 2026");
        assert_eq!(french.short_date(date), "Tue 8 Dec");
        // In French nought is singular: plural rules are the language's own.
        assert_eq!((french.span(0), french.span(2)), ("0 petite minute".to_owned(), "2 petites minutes".to_owned()));
        assert_eq!((unknown.tag(), unknown.long_date(date).as_str()), ("en", "Tuesday 8 December 2026"));
        assert!(Words::of(&[("en", "broken")]).is_err() && Words::of(&[("not a tag", "a = b")]).is_err());
    }

    /// Every key that the code of this folder may ask for, read from the code itself; what `format!` completes is completed here.
    fn asked_for() -> Vec<String> {
        let code = [
            include_str!("account.rs"),
            include_str!("invite.rs"),
            include_str!("scene.rs"),
            include_str!("trouble.rs"),
            include_str!("words.rs").split("#[cfg(test)]").next().unwrap_or_default(),
        ];
        let keys = code.iter().flat_map(|code| code.split('"').skip(1).step_by(2)).filter(|text| text.contains('-'));
        let plain = |text: &&str| text.chars().all(|c| c.is_ascii_lowercase() || c == '-') && !text.ends_with('-');
        let mut keys: Vec<String> = keys.filter(plain).map(str::to_owned).collect();
        let sides = ["client", "coach"];
        for what in ["booked", "requested", "confirmed", "declined", "expired", "moved", "asked", "shifted", "cancelled", "reminder"] {
            for side in sides {
                keys.extend(["subject", "heading", "lead"].map(|part| format!("{what}-{side}-{part}")));
            }
        }
        for what in ["check", "reset"] {
            keys.extend(["subject", "heading", "lead", "valid"].map(|part| format!("{what}-{part}")));
            keys.push(format!("button-{what}"));
        }
        keys.extend(sides.map(|side| format!("label-notes-{side}")));
        keys.extend(crate::integrations::health::HealthReason::ALL.iter().map(|reason| format!("reason-{}", reason.as_str())));
        keys.extend((1..=7).flat_map(|day| [format!("weekday-{day}"), format!("weekday-short-{day}")]));
        keys.extend((1..=12).flat_map(|month| [format!("month-{month}"), format!("month-short-{month}")]));
        // Names of what is filled in, parts of keys and a target of the log look like keys.
        keys.retain(|key| !["last-date", "answer-by", "weekday-short", "month-short"].contains(&key.as_str()));
        keys.sort();
        keys.dedup();
        keys
    }

    #[test]
    fn the_file_has_every_key_that_is_asked_for_and_no_other() {
        let there = LANGUAGES[0].1.lines().filter(|line| !line.starts_with([' ', '#', '}'])).filter_map(|line| line.split_once(" = "));
        let mut there: Vec<_> = there.map(|(key, _)| key.to_owned()).collect();
        there.sort();
        assert_eq!(there, asked_for());
        let words = Words::of_program().unwrap();
        for reason in crate::integrations::health::HealthReason::ALL {
            assert_eq!(words.for_reader("en").say(&format!("reason-{}", reason.as_str())), reason.says(), "as the pages say it");
        }
    }
}
