//! A coach in a list.

use leptos::prelude::*;
use wellmet::{
    bookings::{FreeCoach, FreeTime},
    coaches::CoachCard,
    model::{Instant, Price},
    time::{Zone, words},
};

use super::Search;
use crate::components::{DateWords, FaceMark, Icon, Picture};

/// So many topics stand on a card; the coach's page has them all.
const TOPICS: usize = 4;

/// A coach as shown, in the visitor's zone.
#[derive(Debug, Clone)]
pub struct CoachView {
    path: String,
    name: String,
    headline: String,
    topics: Vec<String>,
    more_topics: usize,
    languages: String,
    offer: String,
    place: String,
    next: Option<NextView>,
}

#[derive(Debug, Clone)]
struct NextView {
    path: String,
    at: Instant,
    words: String,
}

impl CoachView {
    /// As someone in `zone` sees it. Links carry the zone that `search` asked for.
    pub fn of(coach: FreeCoach, zone: &Zone, now: Instant, search: &Search) -> Self {
        let FreeCoach { mut card, next } = coach;
        let next = next.map(|free| next_view(&card, &free, zone, search));
        let more_topics = card.topics.len().saturating_sub(TOPICS);
        card.topics.truncate(TOPICS);
        Self {
            path: search.keep_zone(&format!("/coaches/{}", card.slug)),
            offer: offer(card.shortest_minutes, card.from_price),
            place: place(&card.zone, zone, now),
            languages: card.languages.join(", "),
            name: card.name,
            headline: card.headline,
            topics: card.topics,
            more_topics,
            next,
        }
    }
}

fn next_view(card: &CoachCard, free: &FreeTime, zone: &Zone, search: &Search) -> NextView {
    let (at, date) = (free.slot.start, zone.date_of(free.slot.start));
    let path = format!("/coaches/{}/{}?day={date}", card.slug, free.kind);
    NextView { path: search.keep_zone(&path), at, words: short_when(zone, at) }
}

/// `Tue 8 Dec, 09:00`.
pub(super) fn short_when(zone: &Zone, at: Instant) -> String {
    format!("{}, {}", words::short_date(zone.date_of(at)), zone.wall(at))
}

fn offer(minutes: u32, price: Price) -> String {
    let price = if price.is_free() { "some free".to_owned() } else { format!("from {price}") };
    format!("From {}, {price}", words::span_minutes(minutes))
}

/// `Stockholm, one hour ahead of you`.
fn place(coach: &Zone, zone: &Zone, now: Instant) -> String {
    let city = coach.name().rsplit('/').next().unwrap_or_else(|| coach.name()).replace('_', " ");
    let difference = words::zone_difference(coach, zone, now);
    match difference.as_str() {
        "same time" => format!("{city}, same time as you"),
        ahead if ahead.ends_with("ahead") => format!("{city}, {ahead} of you"),
        behind => format!("{city}, {behind} you"),
    }
}

/// Coaches, one card each.
#[component]
pub fn CoachCards(
    /// In this order.
    coaches: Vec<CoachView>,
) -> impl IntoView {
    let cards = coaches.into_iter().map(|coach| view! { <Card coach /> });
    view! { <ul class="coach-grid">{cards.collect_view()}</ul> }
}

#[component]
fn Card(coach: CoachView) -> impl IntoView {
    let any = !coach.topics.is_empty();
    let topics = coach.topics.into_iter().map(|topic| view! { <li class="tag">{topic}</li> }).collect_view();
    let more = (coach.more_topics > 0).then(|| view! { <li class="tag">{format!("{} more", coach.more_topics)}</li> });
    let headline = (!coach.headline.is_empty()).then(|| view! { <p class="muted">{coach.headline}</p> });
    let languages = (!coach.languages.is_empty()).then(|| view! { <li><Icon picture=Picture::Person />{coach.languages}</li> });
    let name = coach.name.clone();
    view! {
        <li class="card card-link coach">
            <div class="coach-who">
                <FaceMark name=coach.name.clone() large=true />
                <div>
                    <h3><a class="cover" href=coach.path>{coach.name}</a></h3>
                    {headline}
                </div>
            </div>
            {any.then(|| view! { <ul class="tags" aria-label="Topics">{topics}{more}</ul> })}
            <ul class="facts">
                <li><Icon picture=Picture::Clock />{coach.offer}</li>
                {languages}
                <li><Icon picture=Picture::Globe />{coach.place}</li>
            </ul>
            <Next next=coach.next name />
        </li>
    }
}

#[component]
fn Next(next: Option<NextView>, name: String) -> impl IntoView {
    let Some(next) = next else {
        return view! { <p class="coach-next muted">"Nothing free in the next three months"</p> }.into_any();
    };
    view! {
        <p class="coach-next">
            <a class="above" href=next.path>
                <Icon picture=Picture::Calendar />
                <span>"Next free: "<DateWords at=next.at words=next.words /><span class="visually-hidden">{format!(" with {name}")}</span></span>
            </a>
        </p>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_are_compared_in_words() {
        let zone = |name| Zone::parse(name).unwrap();
        let now = Instant::parse_rfc3339("2026-12-08T09:00:00Z").unwrap();
        let seen = |coach, from| place(&zone(coach), &zone(from), now);
        assert_eq!(seen("Europe/Stockholm", "Europe/Lisbon"), "Stockholm, one hour ahead of you");
        assert_eq!(seen("America/New_York", "Europe/Lisbon"), "New York, 5 hours behind you");
        assert_eq!(seen("Europe/Lisbon", "Europe/London"), "Lisbon, same time as you");
    }

    #[test]
    fn a_price_of_nothing_is_said_in_words() {
        assert_eq!(offer(20, Price::FREE), "From 20 minutes, some free");
    }
}
