//! `/coaches/{slug}`: a coach's own page.

use axum::{extract::State, response::Response};
use serde::Deserialize;
use wellmet::{bookings::SlotQuery, coaches::CoachProfile, error::Internal, model::Instant, time::Zone};

use super::{
    Search,
    profile_view::{self, KindView, ProfileView},
};
use crate::{
    components::Nav,
    pages::picker::{SessionFacts, coach_is_where, viewer_zone},
    server::{AppState, Page, PageContext, PageError, PathOf, QueryOf, page},
};

/// A description for search engines is cut after so many characters.
const DESCRIPTION: usize = 200;

#[derive(Debug, Default, Deserialize)]
pub(super) struct Query {
    tz: Option<String>,
}

pub(super) async fn show(
    State(app): State<AppState>,
    context: PageContext,
    PathOf(slug): PathOf<String>,
    QueryOf(query): QueryOf<Query>,
) -> Result<Response, PageError> {
    let profile = app.coaches.profile(&slug).await?.ok_or(PageError::NotFound)?;
    let zone = viewer_zone(&context, query.tz.as_deref(), &profile.zone);
    let now = app.deps.clock.now();
    let search = Search {
        tz: query.tz.as_deref().and_then(Zone::parse).map_or_else(String::new, |zone| zone.name().to_owned()),
        ..Search::default()
    };
    let kinds = kinds(&app, &profile, &zone, now, &search).await?;
    let own = context.viewer.as_ref().is_some_and(|viewer| viewer.id() == profile.id);
    let about = about(&profile);
    let shown = ProfileView {
        own,
        listed: profile.listed,
        clock: clock(&profile, &zone, now),
        zone: format!("Times are in {}.", zone.name()),
        kinds,
        topics: words_with_links(&profile.topics, &search, |search, topic| search.topic = topic),
        languages: words_with_links(&profile.languages, &search, |search, language| search.language = language),
        directory: search.path(),
        name: profile.name,
        headline: profile.headline,
        bio: paragraphs(&profile.bio),
    };
    Ok(page(&context, about, move || profile_view::profile_page(shown)))
}

fn about(profile: &CoachProfile) -> Page {
    let title = if profile.headline.is_empty() { profile.name.clone() } else { format!("{}: {}", profile.name, profile.headline) };
    let about = paragraphs(&profile.bio).into_iter().next();
    let about = about.unwrap_or_else(|| format!("See when {} is really free, on your own clock, and book a session.", profile.name));
    let cut = about.chars().count() > DESCRIPTION;
    let about = about.chars().take(DESCRIPTION).chain(cut.then_some('…')).collect::<String>();
    // Who is not in the directory is not in a search engine either.
    let page = if profile.listed { Page::new(title) } else { Page::private(title) };
    page.description(about).nav(Nav::Coaches)
}

/// What can be booked, each with its first free time.
async fn kinds(app: &AppState, profile: &CoachProfile, zone: &Zone, now: Instant, search: &Search) -> Result<Vec<KindView>, PageError> {
    let Some(offer) = app.offers.by_id(profile.id).await.map_err(Internal::from)? else { return Ok(Vec::new()) };
    let mut kinds = Vec::with_capacity(profile.session_types.len());
    for kind in &profile.session_types {
        let next = app.bookings.slots().next(&SlotQuery::booking(&offer, kind), now).await?;
        let path = format!("/coaches/{}/{}", profile.slug, kind.slug);
        kinds.push(KindView {
            name: kind.name.clone(),
            description: paragraphs(&kind.description),
            facts: SessionFacts::of_type(kind),
            next: next.map(|slot| profile_view::NextView {
                path: search.keep_zone(&format!("{path}?day={}", zone.date_of(slot.start))),
                at: slot.start,
                words: super::card::short_when(zone, slot.start),
            }),
            path: search.keep_zone(&path),
        });
    }
    Ok(kinds)
}

/// `It is 10:12 for Maya now. Maya is in Europe/Stockholm, one hour ahead.`
fn clock(profile: &CoachProfile, zone: &Zone, now: Instant) -> String {
    let first = profile.name.split_whitespace().next().unwrap_or(&profile.name);
    format!("It is {} for {first} now. {}", profile.zone.wall(now), coach_is_where(&profile.name, &profile.zone, zone, now))
}

fn words_with_links(words: &[String], search: &Search, put: impl Fn(&mut Search, String)) -> Vec<(String, String)> {
    words.iter().map(|word| (word.clone(), search.with(|search| put(search, word.clone())).path())).collect()
}

/// Plain text as paragraphs: a blank line ends one.
fn paragraphs(text: &str) -> Vec<String> {
    let mut paragraphs = vec![String::new()];
    for line in text.lines().map(str::trim) {
        match paragraphs.last_mut() {
            Some(last) if !line.is_empty() => {
                if !last.is_empty() {
                    last.push('\n');
                }
                last.push_str(line);
            }
            _ => paragraphs.push(String::new()),
        }
    }
    paragraphs.retain(|paragraph| !paragraph.is_empty());
    paragraphs
}

#[cfg(test)]
mod tests {
    use super::paragraphs;

    #[test]
    fn blank_lines_part_paragraphs() {
        assert_eq!(paragraphs(" One\ntwo \r\n\r\n \n\nThree\n"), ["One\ntwo", "Three"]);
        assert!(paragraphs(" \n\n").is_empty());
    }
}
