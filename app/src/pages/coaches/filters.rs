//! The ways to narrow the directory: links and plain forms.

use chrono::NaiveDate;
use leptos::prelude::*;
use wellmet::{coaches::Facet, time::Zone};

use super::{Search, when::Wanted};
use crate::{
    components::{Field, Icon, Picture, TimeZoneSelect},
    dto::FormState,
};

/// So many choices are seen at first.
const SHOWN: usize = 10;

/// One of several ways on.
pub struct Choice {
    /// What it says.
    pub words: String,
    /// How many coaches it would leave.
    pub count: Option<u32>,
    /// Where it leads.
    pub path: String,
    /// Whether it is in force.
    pub chosen: bool,
}

/// What the filters need to know.
pub(super) struct Filters {
    /// The search in force.
    pub search: Search,
    /// Topics to choose from.
    pub topics: Vec<Facet>,
    /// Languages to choose from.
    pub languages: Vec<Facet>,
    /// Today, in the visitor's zone.
    pub today: NaiveDate,
    /// The days, as typed, and what is wrong with them.
    pub days: FormState,
}

/// Looks for words; everything else in force stays.
#[component]
pub(super) fn WordsForm(
    /// The search in force.
    search: Search,
) -> impl IntoView {
    let kept = kept(&search, &["q"]);
    view! {
        <form class="search" role="search" method="get" action="/coaches">
            <label class="visually-hidden" for="q">"Words in a name, a topic or a profile"</label>
            <div class="search-row">
                <input class="input" id="q" name="q" type="search" maxlength="100" value=search.q placeholder="A name, a topic, a word" />
                {kept}
                <button class="btn btn-primary"><Icon picture=Picture::Search />"Search"</button>
            </div>
        </form>
    }
}

/// What is in force, except `but`, as hidden fields.
fn kept(search: &Search, but: &[&str]) -> impl IntoView + use<> {
    let kept = search.pairs().into_iter().filter(|(name, value)| !value.is_empty() && !but.contains(name));
    kept.map(|(name, value)| view! { <input type="hidden" name=name value=value.to_owned() /> }).collect_view()
}

/// Days, topics and languages.
#[component]
pub(super) fn FilterPanel(filters: Filters) -> impl IntoView {
    let search = &filters.search;
    // With days asked for, a count of coaches who may not be free then would promise too much.
    let counted = !search.has_days();
    let topics = facet_choices(&filters.topics, &search.topic, counted, |topic| search.with(|search| search.topic = topic));
    let languages = facet_choices(&filters.languages, &search.language, counted, |word| search.with(|search| search.language = word));
    let when = when_choices(search, filters.today);
    let custom = search.has_days() && !when.iter().any(|choice| choice.chosen);
    view! {
        <section class="filters" aria-label="Narrow down">
            <ChoiceRow label="Free" choices=when />
            <ChoiceRow label="Topic" choices=topics />
            <ChoiceRow label="Language" choices=languages />
            <DaysForm search=filters.search days=filters.days open=custom />
        </section>
    }
}

fn when_choices(search: &Search, today: NaiveDate) -> Vec<Choice> {
    let any = search.with(|search| {
        search.free_from.clear();
        search.free_until.clear();
    });
    let week = |words: &str, days: Wanted| {
        let asked = search.with(|search| days.put(search));
        Choice { words: words.to_owned(), count: None, path: asked.path(), chosen: asked == *search }
    };
    vec![
        Choice { words: "Any time".to_owned(), count: None, path: any.path(), chosen: any == *search },
        week("This week", Wanted::this_week(today)),
        week("Next week", Wanted::next_week(today)),
    ]
}

/// All, what is chosen (even where nobody has it), and the rest as they come.
fn facet_choices(facets: &[Facet], chosen: &str, counted: bool, search: impl Fn(String) -> Search) -> Vec<Choice> {
    let is_chosen = |word: &str| word.to_lowercase() == chosen.to_lowercase();
    let choice = |word: &str, count: u32| Choice {
        words: word.to_owned(),
        count: counted.then_some(count),
        path: search(word.to_owned()).path(),
        chosen: is_chosen(word),
    };
    let mut choices = vec![Choice { words: "All".to_owned(), count: None, path: search(String::new()).path(), chosen: chosen.is_empty() }];
    let known = facets.iter().find(|(word, _)| is_chosen(word));
    if !chosen.is_empty() {
        choices.push(known.map_or_else(|| choice(chosen, 0), |(word, count)| choice(word, *count)));
    }
    choices.extend(facets.iter().filter(|(word, _)| !is_chosen(word)).map(|(word, count)| choice(word, *count)));
    choices
}

/// A row of links. Nothing when there is nothing to choose.
#[component]
fn ChoiceRow(label: &'static str, choices: Vec<Choice>) -> impl IntoView {
    (choices.len() > 1).then(|| {
        view! {
            <div class="filter-row">
                <p class="filter-label" aria-hidden="true">{label}</p>
                <Choices label choices />
            </div>
        }
    })
}

/// Links side by side, those beyond the first few behind a press.
#[component]
pub fn Choices(
    /// What is chosen, for screen readers.
    label: &'static str,
    /// In this order.
    mut choices: Vec<Choice>,
) -> impl IntoView {
    let rest = choices.split_off(choices.len().min(SHOWN));
    let more = (!rest.is_empty()).then(|| {
        let words = format!("{} more", rest.len());
        view! {
            <li>
                <details class="choices-more">
                    <summary>{words}</summary>
                    <ul class="choices">{links(rest)}</ul>
                </details>
            </li>
        }
    });
    view! { <ul class="choices" aria-label=label>{links(choices)}{more}</ul> }
}

fn links(choices: Vec<Choice>) -> impl IntoView {
    let links = choices.into_iter().map(|Choice { words, count, path, chosen }| {
        let coaches = if count == Some(1) { " coach" } else { " coaches" };
        let count = count.map(|count| view! { <span class="choice-count">{count}<span class="visually-hidden">{coaches}</span></span> });
        view! { <li><a class="choice" href=path aria-current=chosen.then_some("true")>{words}{count}</a></li> }
    });
    links.collect_view()
}

/// Days of one's own choice, and the zone they are in.
#[component]
fn DaysForm(search: Search, days: FormState, open: bool) -> impl IntoView {
    let kept = kept(&search, &["free_from", "free_until", "tz"]);
    let of_zone = days.field("tz");
    view! {
        <details class="disclosure days" open=open || days.has_errors()>
            <summary>"Choose days, or another time zone"</summary>
            <form class="days-form" method="get" action="/coaches">
                {kept}
                <Field of=days.field("free_from") label="From" kind="date" />
                <Field of=days.field("free_until") label="Until" kind="date" />
                <TimeZoneSelect of=of_zone label="Your time zone" names=Zone::all_names() />
                <button class="btn">"Show who is free"</button>
            </form>
        </details>
    }
}
