//! Who was found, in words and cards.

use leptos::prelude::*;
use wellmet::{bookings::FreePage, coaches::Facet, model::Instant, time::Zone};

use super::{CoachCards, CoachView, Search, when::Wanted};
use crate::components::{EmptyState, Pager};

/// A page of results as shown.
#[derive(Debug, Default)]
pub(super) struct Results {
    heading: String,
    zone: String,
    coaches: Vec<CoachView>,
    next: Option<String>,
    /// Back to the first page, from any other.
    first: Option<String>,
    /// Everybody, when the search narrows.
    cleared: Option<String>,
    empty: Option<Empty>,
    /// Topics to choose from.
    pub topics: Vec<Facet>,
    /// Languages to choose from.
    pub languages: Vec<Facet>,
}

/// Why nobody is shown, and what to do about it: links with words.
#[derive(Debug)]
struct Empty {
    title: String,
    words: &'static str,
    ways: Vec<(String, &'static str)>,
}

impl Results {
    /// Of a search on the days `wanted`; `later`: it is not the first page.
    pub(super) fn of(found: FreePage, search: &Search, wanted: Option<Wanted>, later: bool, zone: &Zone, now: Instant) -> Self {
        let all = !later && found.next.is_none();
        let empty = found.coaches.is_empty().then(|| Empty::of(search, wanted, later, found.next.is_some(), found.total));
        let count = if wanted.is_some() { all.then_some(found.coaches.len()) } else { usize::try_from(found.total).ok() };
        Self {
            heading: heading(count, search, wanted),
            zone: format!("Times are in {}, now {}.", zone.name(), zone.wall(now)),
            next: found.next.map(|next| search.path_after(Some(&next))),
            first: later.then(|| search.path()),
            cleared: search.narrows().then(|| search.cleared().path()),
            coaches: found.coaches.into_iter().map(|coach| CoachView::of(coach, zone, now, search)).collect(),
            empty,
            topics: found.topics,
            languages: found.languages,
        }
    }
}

impl Empty {
    fn of(search: &Search, wanted: Option<Wanted>, later: bool, more: bool, total: u32) -> Self {
        let days = search.with(|search| {
            search.free_from.clear();
            search.free_until.clear();
        });
        let any_time = || (days.path(), "Show them at any time");
        let everyone = || (search.cleared().path(), "Show all coaches");
        let empty = |title: String, words, ways| Self { title, words, ways };
        match wanted {
            _ if later && !more => empty(
                "That was everyone".to_owned(),
                "There are no more coaches after the last page.",
                vec![(search.path(), "Back to the first")],
            ),
            Some(wanted) if more => {
                empty(format!("Nobody so far is free {}", wanted.words()), "There are more coaches to look at.", vec![])
            }
            Some(wanted) if total > 0 => empty(
                format!("Nobody is free {}", wanted.words()),
                "Other days may do, or a coach further down the list of everybody.",
                vec![any_time(), everyone()],
            ),
            _ if search.narrows() => {
                let mut ways = vec![everyone()];
                ways.extend((!search.q.is_empty()).then(|| (search.with(|search| search.q.clear()).path(), "Forget the words")));
                empty("Nobody found".to_owned(), "Every word has to be in a coach’s name, topics or profile. Fewer words find more.", ways)
            }
            _ => {
                let ways = vec![("/register?role=coach".to_owned(), "Offer your time")];
                empty(
                    "No coaches yet".to_owned(),
                    "As soon as a coach opens their calendar here, you will find them on this page. Are you one?",
                    ways,
                )
            }
        }
    }
}

/// `Three coaches on Leadership in Swedish, free on Tuesday 8 December`. Without a count when it is not known.
fn heading(count: Option<usize>, search: &Search, wanted: Option<Wanted>) -> String {
    let mut heading = match count {
        Some(1) => "One coach".to_owned(),
        Some(count) => format!("{} coaches", number(count)),
        None => "Coaches".to_owned(),
    };
    for (before, value, after) in [(" for “", &search.q, "”"), (" on ", &search.topic, ""), (" in ", &search.language, "")] {
        if !value.is_empty() {
            heading = [&heading, before, value, after].concat();
        }
    }
    wanted.map_or_else(|| heading.clone(), |wanted| format!("{heading}, free {}", wanted.words()))
}

/// Small numbers as words, at the beginning of a sentence.
fn number(count: usize) -> String {
    const WORDS: [&str; 13] = ["No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten", "Eleven", "Twelve"];
    WORDS.get(count).map_or_else(|| count.to_string(), |&word| word.to_owned())
}

/// Heading, cards, and the way on.
#[component]
pub(super) fn ResultList(results: Results) -> impl IntoView {
    if let Some(empty) = results.empty {
        return view! {
            <section class="results" aria-label="Results">
                <Nobody empty />
                <Pager previous=None next=results.next />
            </section>
        }
        .into_any();
    }
    let clear = results.cleared.map(|path| view! { <a href=path>"Clear all"</a> });
    let first = results.first.map(|path| view! { <a href=path>"Back to the first coaches"</a> });
    view! {
        <section class="results" aria-labelledby="found">
            <div class="results-head">
                <h2 id="found">{results.heading}</h2>
                <p class="muted small">{results.zone}</p>
                {clear}
                {first}
            </div>
            <CoachCards coaches=results.coaches />
            <Pager previous=None next=results.next />
        </section>
    }
    .into_any()
}

#[component]
fn Nobody(empty: Empty) -> impl IntoView {
    let ways = empty.ways.into_iter().map(|(path, words)| view! { <a class="btn" href=path>{words}</a> }).collect_view();
    view! {
        <EmptyState title=empty.title>
            <p>{empty.words}</p>
            <div class="button-row">{ways}</div>
        </EmptyState>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_found_is_a_sentence() {
        let search =
            Search { q: "pricing".to_owned(), topic: "Leadership".to_owned(), language: "Swedish".to_owned(), ..Search::default() };
        assert_eq!(heading(Some(3), &search, None), "Three coaches for “pricing” on Leadership in Swedish");
        let days = Wanted::of(
            &Search { free_from: "2026-12-08".to_owned(), free_until: "2026-12-08".to_owned(), ..Search::default() },
            "2026-12-01".parse().unwrap(),
        );
        let nobody = Search::default();
        assert_eq!(heading(Some(1), &nobody, days.clone().unwrap()), "One coach, free on Tuesday 8 December");
        assert_eq!(heading(None, &nobody, days.unwrap()), "Coaches, free on Tuesday 8 December");
        assert_eq!(heading(Some(217), &nobody, None), "217 coaches");
    }
}
