//! What the form's page shows.

use leptos::prelude::*;
use wellmet::{
    accounts::{Identity, MAX_PASSWORD, MIN_PASSWORD},
    bookings::Terms,
    model::{Instant, Role},
    time::{Interval, Zone, words},
};

use super::{
    form::{Context, Lost, Said},
    terms::words_of,
};
use crate::{
    components::{ErrorSummary, FaceMark, Field, Notice, RadioCards, TextArea, Tone},
    dto::FormState,
    islands::{HoldCountdown, SubmitGuard},
    pages::picker::{Facts, RefusalNote, Refused, SessionFacts, calendar_note, refusal},
};

const LABELS: &[(&str, &str)] = &[("name", "Your name"), ("email", "Mail address"), ("password", "Password"), ("notes", "Notes")];

/// Everything on the page.
pub(super) struct Shown {
    coach: String,
    name: String,
    approval: bool,
    calendar: Option<String>,
    facts: SessionFacts,
    when: String,
    coach_when: Option<String>,
    free_until: String,
    /// What goes back of what is paid here.
    rules: Option<String>,
    here: String,
    ends: Instant,
    now: Instant,
    until: String,
    form: FormState,
    viewer: Option<Identity>,
    lost: Option<RefusalNote>,
    changed: Option<String>,
    zone: String,
    terms: Terms,
}

impl Shown {
    pub(super) fn new(found: &Context, form: FormState, viewer: Option<Identity>, said: Said, (now, collects): (Instant, bool)) -> Self {
        let (held, zone) = (&found.held, &found.held.zone);
        let terms = Terms::of(&found.kind);
        // As long as it is now: what is shown is what is booked.
        let session = Interval::of_minutes(held.session.start, terms.duration_minutes);
        let (lost, changed) = match said {
            Said::Nothing => (None, None),
            Said::Lost(Lost { wanted, unavailable }) => (Some(refusal(&Refused { wanted, unavailable }, zone)), None),
            Said::Changed(words) => (None, Some(words)),
        };
        let coach_zone = &found.offer.zone;
        let free = session.start.plus_minutes(-i64::from(found.kind.rules.notice_minutes));
        let differs = coach_zone.offset_seconds(session.start) != zone.offset_seconds(session.start);
        Self {
            coach: found.offer.name.clone(),
            name: found.kind.name.clone(),
            approval: found.kind.approval_required || found.standing.asks_the_coach(),
            calendar: calendar_note(&found.offer.name, found.standing, now),
            facts: SessionFacts::of_type(&found.kind),
            when: words::when(zone, session.start, session.end),
            coach_when: differs.then(|| words::when(coach_zone, session.start, session.end)),
            free_until: free_until(free, zone, now),
            rules: collects.then(|| found.kind.refund.words(in_words(free, zone, now).as_deref())),
            here: format!("/book/h/{}", found.secret.expose()),
            ends: held.expires_at,
            now,
            until: zone.wall(held.expires_at),
            form,
            viewer,
            lost,
            changed,
            zone: zone.name().to_owned(),
            terms,
        }
    }
}

/// The end of the notice; `None` when it is over.
fn in_words(until: Instant, zone: &Zone, now: Instant) -> Option<String> {
    (until > now).then(|| format!("{}, {}", words::day_and_month(zone.date_of(until)), zone.wall(until)))
}

fn free_until(until: Instant, zone: &Zone, now: Instant) -> String {
    if until <= now {
        return "It is too close to the session to move or cancel it afterwards.".to_owned();
    }
    format!("You can move or cancel it until {}, {}.", words::day_and_month(zone.date_of(until)), zone.wall(until))
}

/// The whole page.
pub(super) fn form_page(shown: Shown) -> impl IntoView {
    let verb = if shown.approval { "Request" } else { "Book" };
    let rules = shown.rules.clone().unwrap_or_else(|| shown.free_until.clone());
    let release = format!("{}/release", shown.here);
    view! {
        <div class="card book">
            <section class="book-what" aria-labelledby="what">
                <FaceMark name=shown.coach.clone() large=true />
                <p class="muted small">{shown.coach.clone()}</p>
                <h1 id="what">{verb}" "{shown.name.clone()}</h1>
                <p class="book-when">{shown.when.clone()}</p>
                {shown.coach_when.clone().map(|when| view! { <p class="muted small">"For "{shown.coach.clone()}": "{when}</p> })}
                <Facts facts=shown.facts.clone() />
                <p class="muted small">{rules}</p>
                <form method="post" action=release><button class="btn-link">"Choose another time"</button></form>
            </section>
            <section class="book-form" aria-label="Your details">
                {shown.calendar.clone().map(|words| view! { <Notice tone=Tone::Warn><p>{words}</p></Notice> })}
                {if shown.lost.is_none() {
                    view! { <HoldCountdown ends=shown.ends.millis() now=shown.now.millis() until=shown.until.clone() /> }.into_any()
                } else {
                    ().into_any()
                }}
                {details(shown, verb)}
            </section>
        </div>
    }
}

fn details(shown: Shown, verb: &'static str) -> impl IntoView {
    if shown.viewer.as_ref().is_some_and(|viewer| viewer.role() != Role::Mentee) {
        return view! {
            <Notice tone=Tone::Warn>
                <p>"You are signed in as a coach or an admin. Sessions are booked from a mentee's account: sign out, then sign in or join as a mentee. Your time stays held."</p>
                <form method="post" action="/logout"><button class="btn">"Sign out"</button></form>
            </Notice>
        }
        .into_any();
    }
    let form = shown.form.clone();
    let lost = shown.lost.is_some();
    let button = if shown.rules.is_some() { "On to payment".to_owned() } else { format!("{verb} this session") };
    view! {
        <ErrorSummary form=form.clone() labels=LABELS />
        <form method="post" action=shown.here.clone() class="stack">
            <input type="hidden" name="shown" value=words_of(shown.terms) />
            {shown.changed.map(|words| view! { <Notice tone=Tone::Warn><p>{words}</p></Notice> })}
            {shown.lost.map(|note| view! { <LostTime note zone=shown.zone.clone() /> })}
            {match &shown.viewer {
                Some(viewer) => view! { <p>"Booking as "<strong>{viewer.name().to_owned()}</strong>", "{viewer.email().to_owned()}"."</p> }.into_any(),
                None => account_fields(&form).into_any(),
            }}
            <TextArea of=form.field("notes") label=format!("What should {} know?", first_name(&shown.coach)) maxlength=2000 rows=4
                hint="What you hope for, what you have tried. Only your coach reads it." />
            {(!lost).then(|| view! {
                <div class="button-row">
                    <button class="btn btn-primary" type="submit">{button}</button>
                </div>
            })}
            <SubmitGuard busy="Booking…" />
        </form>
    }
    .into_any()
}

fn first_name(name: &str) -> String {
    name.split_whitespace().next().unwrap_or(name).to_owned()
}

/// New here or known already: one form, so that nothing typed is lost by changing one's mind.
fn account_fields(form: &FormState) -> impl IntoView + use<> {
    let choices =
        vec![("new", "I am new here", "An account is made for you."), ("existing", "I have an account", "Sign in and book in one go.")];
    let hint = format!("At least {MIN_PASSWORD} characters. A short sentence is easy to remember.");
    view! {
        <div class="stack account">
            <RadioCards of=form.field("account") label="Your account" choices />
            <div class="only-new">
                <Field of=form.field("name") label="Your name" sometimes=true autocomplete="name" maxlength=80 />
            </div>
            <Field of=form.field("email") label="Mail address" kind="email" required=true autocomplete="email" maxlength=254 />
            <Field of=form.field("password") label="Password" kind="password" required=true autocomplete="current-password"
                maxlength=u32::try_from(MAX_PASSWORD).unwrap_or(u32::MAX) hint=hint />
        </div>
    }
}

/// The held time is gone: the reason, and other times as further buttons of the same form, so that what was typed
/// goes with them.
#[component]
fn LostTime(note: RefusalNote, zone: String) -> impl IntoView {
    let any = !note.times.is_empty();
    let buttons =
        note.times.into_iter().map(|time| view! { <li><button class="btn" name="start" value=time.start>{time.label}</button></li> });
    let buttons = buttons.collect_view();
    view! {
        <Notice tone=Tone::Warn>
            <p>{note.words}</p>
            {any.then(|| view! {
                <p id="nearest">{format!("Nothing you typed is lost. Book one of the nearest free times instead ({zone}):")}</p>
                <ul class="nearest" aria-labelledby="nearest">{buttons}</ul>
            })}
        </Notice>
    }
}
