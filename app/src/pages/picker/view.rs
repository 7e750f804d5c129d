//! What the picker's page shows beside the picker.

use leptos::prelude::*;
use wellmet::{
    coaches::SessionType,
    model::{Place, PlaceKind, Price},
    time::{Zone, words},
};

use super::{Refused, zone_select::zone_select};
use crate::{
    components::{Breadcrumbs, FaceMark, Icon, Notice, Picture, Tone},
    dto::{
        LiveAt,
        picker::{PickerView, TimeCell},
    },
    islands::{SlotPicker, ZoneSwitch},
};

/// Everything on the page.
pub(super) struct Shown {
    /// The coach's name.
    pub coach: String,
    /// The coach's path segment.
    pub coach_slug: String,
    /// The session type's name.
    pub name: String,
    /// Its description.
    pub description: String,
    /// What the session is.
    pub facts: SessionFacts,
    /// The zone.
    pub zone: ZoneNote,
    /// A wanted time that is not to be had.
    pub refused: Option<RefusalNote>,
    /// The picker.
    pub picker: PickerView,
    /// Where the picker hears of changes.
    pub live: Option<LiveAt>,
}

/// Which zone, and how the coach's clock stands to it.
pub struct ZoneNote {
    /// Its name.
    pub name: String,
    /// `UTC+0, now 10:12`.
    pub now: String,
    /// `Maya is in Europe/Stockholm, one hour ahead.`
    pub coach: String,
}

/// A sentence and some other times.
pub struct RefusalNote {
    /// Why not.
    pub words: String,
    /// What instead; may be empty.
    pub times: Vec<TimeCell>,
}

/// What a session is: how long, where, at what price, by which rules.
#[derive(Debug, Clone)]
pub struct SessionFacts {
    minutes: u32,
    place: Place,
    price: Price,
    policy: String,
    approval: bool,
}

impl SessionFacts {
    /// Of a session type that may be booked.
    pub fn of_type(kind: &SessionType) -> Self {
        Self {
            minutes: kind.rules.duration_minutes,
            place: kind.place.clone(),
            price: kind.price,
            policy: policy(kind.rules.notice_minutes),
            approval: kind.approval_required,
        }
    }
}

/// Until when a mentee may change their mind, in words.
pub fn policy(notice_minutes: u32) -> String {
    match notice_minutes {
        0 => "move or cancel until it starts".to_owned(),
        minutes if minutes % (24 * 60) == 0 && minutes > 24 * 60 => format!("move or cancel until {} days before", minutes / (24 * 60)),
        minutes if minutes % 60 == 0 => format!("move or cancel until {} h before", minutes / 60),
        minutes => format!("move or cancel until {} before", words::span_minutes(minutes)),
    }
}

/// The facts as a list with small pictures.
#[component]
pub fn Facts(
    /// What the session is.
    facts: SessionFacts,
) -> impl IntoView {
    let (picture, place) = place_words(&facts.place);
    let price = if facts.price.is_free() { "Free of charge".to_owned() } else { facts.price.to_string() };
    let approval = facts.approval.then(|| view! { <li><Icon picture=Picture::Person />"The coach confirms each request"</li> });
    view! {
        <ul class="facts">
            <li><Icon picture=Picture::Clock />{words::span_minutes(facts.minutes)}</li>
            <li><Icon picture />{place}</li>
            <li><Icon picture=Picture::Money /><span>{price}", "{facts.policy}</span></li>
            {approval}
        </ul>
    }
}

/// Where it takes place. A link is told after booking only.
fn place_words(place: &Place) -> (Picture, String) {
    match place.kind {
        PlaceKind::Provider | PlaceKind::Link | PlaceKind::Jitsi => (Picture::Video, "Video call, link after booking".to_owned()),
        PlaceKind::Phone => (Picture::Phone, "By phone".to_owned()),
        PlaceKind::InPerson => (Picture::Place, place.value.clone()),
    }
}

/// Why a wanted time is not to be had, with the nearest ones that are.
pub fn refusal(refused: &Refused, zone: &Zone) -> RefusalNote {
    let wanted = refused.wanted;
    let words = format!(
        "{} at {} cannot be booked. {}",
        words::day_and_month(zone.date_of(wanted)),
        zone.wall(wanted),
        refused.unavailable.refusal.mentee_words()
    );
    let times = refused.unavailable.alternatives.iter().map(|slot| TimeCell {
        start: slot.start.to_rfc3339(),
        label: format!("{}, {}", words::short_date(zone.date_of(slot.start)), zone.wall(slot.start)),
        offset: None,
        taken: false,
    });
    RefusalNote { words, times: times.collect() }
}

/// The whole page.
pub(super) fn picker_page(shown: Shown) -> impl IntoView {
    let trail = vec![("/coaches".to_owned(), "Coaches".to_owned()), (format!("/coaches/{}", shown.coach_slug), shown.coach.clone())];
    let action = shown.picker.action.clone();
    let (zone, path) = (shown.picker.zone.clone(), shown.picker.path.clone());
    let refused = shown.refused.map(|note| view! { <RefusedTimes note action zone /> });
    let month = shown.picker.month.key.clone();
    let day = shown.picker.day.as_ref().map(|day| day.date.clone());
    view! {
        <Breadcrumbs links=trail />
        {refused}
        <div class="card pick">
            <section class="pick-who" aria-label="Session">
                <FaceMark name=shown.coach.clone() large=true />
                <p class="muted small">{shown.coach.clone()}</p>
                <h1>{shown.name}</h1>
                <Facts facts=shown.facts />
                <p class="pick-about prose">{shown.description}</p>
            </section>
            <SlotPicker view=shown.picker live=shown.live>
                <ZoneForm zone=shown.zone month day path />
            </SlotPicker>
        </div>
    }
}

/// What was wanted is not to be had: the reason and other times, one press away.
#[component]
pub fn RefusedTimes(
    /// What is said.
    note: RefusalNote,
    /// Where a time is posted.
    action: String,
    /// The zone they are in.
    zone: String,
) -> impl IntoView {
    let any = !note.times.is_empty();
    let buttons =
        note.times.into_iter().map(|time| view! { <li><button class="btn" name="start" value=time.start>{time.label}</button></li> });
    let buttons = buttons.collect_view();
    view! {
        <Notice tone=Tone::Warn>
            <p>{note.words}</p>
            {any.then(|| view! {
                <form method="post" action=action class="nearest">
                    <input type="hidden" name="tz" value=zone />
                    <p id="nearest">"The nearest free times:"</p>
                    <ul aria-labelledby="nearest">{buttons}</ul>
                </form>
            })}
        </Notice>
    }
}

/// The zone that times are in, and another one on request.
#[component]
pub fn ZoneForm(
    /// The zone in force.
    zone: ZoneNote,
    /// The shown month's key.
    month: String,
    /// The chosen day.
    day: Option<String>,
    /// The picker's path. The page's own may be another: that of a form which was refused.
    path: String,
) -> impl IntoView {
    let select = zone_select(&zone.name);
    view! {
        <form method="get" action=path class="zone-bar" data-zone=zone.name>
            <input type="hidden" name="month" value=month />
            // There without a day too: the script notes the next chosen one in it.
            <input type="hidden" name="day" value=day.unwrap_or_default() />
            <label for="tz">"Times in"</label>
            {select}
            <ZoneSwitch />
            <span class="zone-note">{zone.now}". "{zone.coach}</span>
        </form>
    }
}
