//! Session types as pages.

use leptos::prelude::*;
use wellmet::{
    coaches::SessionType,
    model::{PlaceKind, SessionTypeId},
    time::words::span_minutes,
};

use super::form::{NOTICE_UNITS, REMINDERS};
use crate::{
    components::{Breadcrumbs, Chip, EmptyState, ErrorSummary, Field, RadioCards, SelectField, TextArea, Tone},
    dto::FormState,
    islands::SubmitGuard,
};

const LABELS: &[(&str, &str)] = &[
    ("name", "Name"),
    ("description", "Description"),
    ("duration_minutes", "Length"),
    ("step_minutes", "Start times every"),
    ("buffer_before_minutes", "Free before"),
    ("buffer_after_minutes", "Free after"),
    ("notice", "Notice"),
    ("horizon_days", "How far ahead"),
    ("daily_cap", "At most a day"),
    ("weekly_cap", "At most a week"),
    ("reminders", "Reminders"),
    ("price", "Price"),
    ("currency", "Currency"),
    ("late_refund_percent", "Given back after the notice"),
    ("no_show_percent", "What a missed session costs"),
    ("place_kind", "Where you meet"),
    ("place_value", "Link, number or address"),
];

/// Every session type that is not archived.
#[component]
pub(super) fn ListPage(kinds: Vec<SessionType>, slug: String) -> impl IntoView {
    let new = || view! { <a class="btn btn-primary" href="/dashboard/session-types/new">"New session type"</a> };
    let list = if kinds.is_empty() {
        view! {
            <EmptyState title="Nothing can be booked yet">
                <p>"A session type says what people book: its length, its price, where you meet."</p>
                {new()}
            </EmptyState>
        }
        .into_any()
    } else {
        let rows = kinds.into_iter().map(|kind| view! { <TypeRow kind slug=slug.clone() /> }).collect_view();
        view! { <ul class="card list">{rows}</ul> }.into_any()
    };
    view! {
        <div class="dashboard-head">
            <div>
                <h1>"Session types"</h1>
                <p class="muted">"What people can book with you."</p>
            </div>
            {new()}
        </div>
        {list}
    }
}

#[component]
fn TypeRow(kind: SessionType, slug: String) -> impl IntoView {
    let SessionType { id, name, active, .. } = kind;
    let mut facts = vec![span_minutes(kind.rules.duration_minutes), kind.price.to_string(), place_label(kind.place.kind).to_owned()];
    if kind.approval_required {
        facts.push("you confirm each".to_owned());
    }
    let base = format!("/dashboard/session-types/{id}");
    let chip = if active {
        view! { <Chip tone=Tone::Ok words="Bookable" /> }
    } else {
        view! { <Chip tone=Tone::Info words="Paused" /> }
    };
    let public = active.then(|| {
        view! { <a class="btn btn-small btn-quiet" href=format!("/coaches/{slug}/{}", kind.slug) aria-label=format!("See {name} as mentees do")>"View"</a> }
    });
    let (next, words) = if active { ("false", "Pause") } else { ("true", "Resume") };
    view! {
        <li class="list-row">
            <a class="list-main" href=base.clone()>
                <span class="list-title"><strong>{name.clone()}</strong>{chip}</span>
                <span class="muted">{facts.join(", ")}</span>
            </a>
            <span class="row-buttons">
                {public}
                <form method="post" action=format!("{base}/active")>
                    <input type="hidden" name="active" value=next />
                    <button class="btn btn-small" aria-label=format!("{words} {name}")>{words}</button>
                </form>
                <a class="btn btn-small" href=base aria-label=format!("Edit {name}")>"Edit"</a>
            </span>
        </li>
    }
}

const fn place_label(kind: PlaceKind) -> &'static str {
    match kind {
        PlaceKind::Provider | PlaceKind::Link => "video call",
        PlaceKind::Jitsi => "Jitsi call",
        PlaceKind::Phone => "by phone",
        PlaceKind::InPerson => "in person",
    }
}

/// The form of a new or a known session type.
#[component]
pub(super) fn EditPage(title: String, form: FormState, id: Option<SessionTypeId>, pays: bool) -> impl IntoView {
    let action = id.map_or_else(|| "/dashboard/session-types/new".to_owned(), |id| format!("/dashboard/session-types/{id}"));
    let archive = id.map(|id| {
        view! { <p class="below-form"><a href=format!("/dashboard/session-types/{id}/archive")>"Archive this session type"</a></p> }
    });
    view! {
        <Breadcrumbs links=vec![("/dashboard/session-types".into(), "Session types".into())] />
        <div class="form-page">
            <h1>{title}</h1>
            <ErrorSummary form=form.clone() labels=LABELS />
            <form class="form-card" method="post" action=action>
                <SubmitGuard busy="Saving…" />
                <WhatPart form=form.clone() />
                <TimePart form=form.clone() />
                <PlacePart form=form.clone() />
                <ReminderPart form=form.clone() />
                <RefundPart form=form.clone() pays />
                <PricePart form />
                <div class="form-buttons">
                    <button class="btn btn-primary">"Save session type"</button>
                    <a class="btn" href="/dashboard/session-types">"Cancel"</a>
                </div>
            </form>
            {archive}
        </div>
    }
}

#[component]
fn WhatPart(form: FormState) -> impl IntoView {
    view! {
        <Field of=form.field("name") label="Name" hint="What people read first: Career crossroads, First conversation." required=true maxlength=80 />
        <TextArea of=form.field("description") label="Description" hint="Who it is for and what they leave with. Plain text, at most 2000 characters." maxlength=2000 />
        <Field of=form.field("duration_minutes") label="Length in minutes" kind="number" min="5" max="720" required=true inputmode="numeric" />
    }
}

#[component]
fn TimePart(form: FormState) -> impl IntoView {
    let units = NOTICE_UNITS.iter().map(|(word, label, _)| ((*word).to_owned(), (*label).to_owned())).collect();
    view! {
        <fieldset class="form-part">
            <legend>"When it can be booked"</legend>
            <div class="form-pair">
                <Field of=form.field("notice") label="Notice" kind="number" min="0" hint="Also until when people may move or cancel." required=true inputmode="numeric" />
                <SelectField of=form.field("notice_unit") label="Unit" options=units required=true />
            </div>
            <Field of=form.field("horizon_days") label="How many days ahead" kind="number" min="1" max="730" required=true inputmode="numeric" />
            <Field of=form.field("step_minutes") label="A start every so many minutes" kind="number" min="5" max="720" hint="Empty: one session after the other." inputmode="numeric" />
            <div class="form-pair">
                <Field of=form.field("buffer_before_minutes") label="Minutes free before" kind="number" min="0" max="240" inputmode="numeric" />
                <Field of=form.field("buffer_after_minutes") label="Minutes free after" kind="number" min="0" max="240" inputmode="numeric" />
            </div>
            <div class="form-pair">
                <Field of=form.field("daily_cap") label="At most a day" kind="number" min="1" max="100" hint="Empty: no limit." inputmode="numeric" />
                <Field of=form.field("weekly_cap") label="At most a week" kind="number" min="1" max="500" hint="Empty: no limit." inputmode="numeric" />
            </div>
            <RadioCards
                of=form.field("approval")
                label="When someone books"
                choices=vec![("at-once", "It is agreed at once", "The time is theirs."), ("ask", "You confirm each", "The time is kept until you answer.")]
            />
        </fieldset>
    }
}

#[component]
fn PlacePart(form: FormState) -> impl IntoView {
    let choices = vec![
        ("link", "Your own link", "Zoom, Meet, Teams: one link for every session."),
        ("jitsi", "Jitsi", "A room of its own for each session."),
        ("phone", "By phone", "Say below who calls whom."),
        ("in_person", "In person", "Say below where."),
    ];
    view! {
        <fieldset class="form-part">
            <legend>"Where you meet"</legend>
            <RadioCards of=form.field("place_kind") label="Kind of place" choices />
            <Field
                of=form.field("place_value")
                label="Link, number or address"
                hint="For a link: https://…. For Jitsi: the server, or empty for meet.jit.si. An address is on your page; a link or number is told once somebody has booked."
                maxlength=300
            />
        </fieldset>
    }
}

/// Boxes to tick. A stored reminder that is not among those on offer has a box of its own: saving loses nothing.
#[component]
fn ReminderPart(form: FormState) -> impl IntoView {
    let field = form.field("reminders");
    let ticked = form.all("reminders");
    let known = REMINDERS.map(|(minutes, label)| (minutes.to_string(), label.to_owned()));
    let others = ticked.iter().filter(|value| known.iter().all(|(minutes, _)| minutes != *value)).filter_map(|value| {
        let minutes = value.parse().ok()?;
        Some(((*value).to_owned(), format!("{} before", span_minutes(minutes))))
    });
    let boxes = known.iter().cloned().chain(others).enumerate().map(|(at, (value, label))| {
        // The error summary leads to the field's id: the first box has it.
        let id = if at == 0 { field.id() } else { format!("{}-{value}", field.id()) };
        let checked = ticked.contains(&value.as_str());
        view! {
            <li><label class="check">
                <input type="checkbox" id=id name="reminders" value=value checked=checked />
                <span>{label}</span>
            </label></li>
        }
    });
    let boxes = boxes.collect_view();
    let error = field.error.clone().map(|words| view! { <p class="field-error" id=field.error_id()>{words}</p> });
    view! {
        <fieldset class="form-part" aria-describedby=field.described_by(true)>
            <legend>"Reminders"</legend>
            <p class="hint" id=field.hint_id()>"By mail, to you and to who booked. None ticked: no reminder. At most three. Bookings keep the reminders they were made with until they are moved."</p>
            <ul class="check-list">{boxes}</ul>
            {error}
        </fieldset>
    }
}

/// What goes back, where prices are collected here; elsewhere what was decided is kept as it is.
#[component]
fn RefundPart(form: FormState, pays: bool) -> impl IntoView {
    if !pays {
        let kept = ["late_refund_percent", "no_show_percent"].map(|name| {
            let value = form.value(name).to_owned();
            view! { <input type="hidden" name=name value=value /> }
        });
        return kept.collect_view().into_any();
    }
    view! {
        <fieldset class="form-part">
            <legend>"When it does not take place"</legend>
            <p class="hint">"Until the notice cancelling is free. If you cancel, everything goes back. Bookings keep the rules they were made with."</p>
            <div class="form-pair">
                <Field of=form.field("late_refund_percent") label="Given back after the notice" kind="number" min="0" max="100" hint="In percent of the price." inputmode="numeric" />
                <Field of=form.field("no_show_percent") label="What a missed session costs" kind="number" min="0" max="100" hint="In percent of the price." inputmode="numeric" />
            </div>
        </fieldset>
    }
    .into_any()
}

#[component]
fn PricePart(form: FormState) -> impl IntoView {
    view! {
        <fieldset class="form-part">
            <legend>"What it costs, and whether it is on your page"</legend>
            <div class="form-pair">
                <Field of=form.field("price") label="Price" hint="0 is free. 90 or 90.50." inputmode="decimal" />
                <Field of=form.field("currency") label="Currency" hint="Three letters: EUR, SEK, USD." required=true maxlength=3 />
            </div>
            <RadioCards
                of=form.field("active")
                label="Can it be booked now?"
                choices=vec![("true", "Bookable", "It is on your page."), ("false", "Paused", "Nobody sees it; bookings stay.")]
            />
        </fieldset>
    }
}

/// The question before a session type goes for good.
#[component]
pub(super) fn ArchivePage(kind: SessionType) -> impl IntoView {
    let base = format!("/dashboard/session-types/{}", kind.id);
    let links = vec![("/dashboard/session-types".to_owned(), "Session types".to_owned()), (base.clone(), kind.name.clone())];
    view! {
        <Breadcrumbs links />
        <div class="form-page">
            <h1>{format!("Archive “{}”?", kind.name)}</h1>
            <p>"Nobody can book it any more, and it leaves this list for good. Bookings of it stay as they are."</p>
            <p class="muted">"To take it off your page for a while, pause it instead."</p>
            <form method="post" action=format!("{base}/archive") class="button-row">
                <button class="btn btn-danger">"Archive"</button>
                <a class="btn" href=base.clone()>"Keep it"</a>
            </form>
        </div>
    }
}
