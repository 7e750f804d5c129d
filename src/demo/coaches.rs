//! The coaches' pages, hours and session types.

use chrono::{Days, NaiveDate};

use super::{
    DemoError, hours,
    portraits::{self, Kind, Portrait},
    practice::Practice,
    season,
};
use crate::{
    accounts::CoachActor,
    coaches::{OverrideDraft, ProfileDraft},
    error::Internal,
    model::{Currency, Place, Price, RefundPolicy, Reminders, SessionRules, SessionTypeDraft, Weekday},
};

/// Opens every coach's practice: pages and session types months ago, the dates that differ lately.
pub(super) async fn open(practice: &Practice) -> Result<(), DemoError> {
    for (coach, portrait) in practice.coach_actors.iter().zip(portraits::ALL) {
        practice.days_ago(70);
        describe(practice, coach, portrait).await?;
        // What a new coach starts with makes way for what this one offers.
        for first in practice.coaches.session_types(coach).await? {
            practice.coaches.archive_session_type(coach, first.id).await?;
        }
        for kind in portrait.kinds {
            practice.coaches.create_session_type(coach, draft_of(kind)?).await?;
        }
        practice.coaches.set_weekly(coach, hours::week(portrait.hours)).await?;
        practice.days_ago(5);
        except(practice, coach, portrait).await?;
    }
    Ok(())
}

async fn describe(practice: &Practice, coach: &CoachActor, portrait: &Portrait) -> Result<(), DemoError> {
    let strings = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    let draft = ProfileDraft {
        slug: practice.coaches.own_profile(coach).await?.slug,
        headline: portrait.headline.to_owned(),
        bio: portrait.bio.replace("{place}", season::home(practice.now).place),
        languages: strings(portrait.languages),
        topics: strings(portrait.topics),
        listed: true,
    };
    practice.coaches.update_profile(coach, draft).await?;
    Ok(())
}

fn draft_of(kind: &Kind) -> Result<SessionTypeDraft, Internal> {
    let currency = Currency::parse(kind.price.1).ok_or_else(|| Internal::new("a price of the demo has no currency"))?;
    Ok(SessionTypeDraft {
        name: kind.name.to_owned(),
        description: kind.description.to_owned(),
        rules: SessionRules {
            duration_minutes: kind.minutes,
            step_minutes: kind.step,
            buffer_before_minutes: kind.buffers.0,
            buffer_after_minutes: kind.buffers.1,
            notice_minutes: kind.notice_hours * 60,
            horizon_days: kind.horizon_days,
            daily_cap: kind.daily_cap,
            weekly_cap: kind.weekly_cap,
        },
        price: Price { minor: kind.price.0, currency },
        approval_required: kind.approval,
        place: Place { kind: kind.place.0, value: kind.place.1.to_owned() },
        active: true,
        reminders: Reminders::usual(),
        refund: RefundPolicy::default(),
    })
}

/// The dates that differ: a holiday, and an extra Saturday.
async fn except(practice: &Practice, coach: &CoachActor, portrait: &Portrait) -> Result<(), DemoError> {
    let today = practice.offer(*coach).await?.zone.date_of(practice.now);
    let (ahead, days) = portrait.holiday;
    let holiday = (ahead..ahead + days).map(|day| (later(today, day), ""));
    let saturday = portrait.extra_saturday.map(|windows| (saturday_after(later(today, 6)), windows));
    for (date, windows) in holiday.chain(saturday) {
        let draft = OverrideDraft { date: date.to_string(), windows: hours::windows(windows) };
        practice.coaches.set_override(coach, draft).await?;
    }
    Ok(())
}

fn later(date: NaiveDate, days: u64) -> NaiveDate {
    date.checked_add_days(Days::new(days)).unwrap_or(date)
}

/// `date` itself, if it is one.
fn saturday_after(date: NaiveDate) -> NaiveDate {
    let wait = (Weekday::Saturday as u64 + 7 - Weekday::of(date) as u64) % 7;
    later(date, wait)
}
