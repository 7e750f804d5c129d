//! Coaches on both engines.

mod directory;
mod hours;
mod offers;
mod profile;
mod session_types;

use std::time::Duration;

use wellmet::{
    accounts::{Actor, CoachActor},
    coaches::{Coaches, Offers, ProfileDraft, WindowDraft},
    store::Store,
};

use crate::support::TestDb;

/// The service as one server has it, with a cache of its own.
fn server(db: &TestDb, store: &Store) -> (Coaches, Offers) {
    let offers = Offers::new(store.clone());
    (Coaches::new(db.deps_on(store.clone()), offers.clone()), offers)
}

fn coaches(db: &TestDb) -> Coaches {
    server(db, db.store()).0
}

/// A new coach whose account's address starts with `slug`, called `name`, with a profile that says `headline`.
async fn coach_named(db: &TestDb, slug: &str, name: &str, headline: &str, topics: &[&str]) -> CoachActor {
    tick(db);
    let coach = db.coach(slug).await;
    rename(db, coach, name).await;
    coaches(db).update_profile(&coach, draft(slug, headline, topics)).await.expect("a profile");
    coach
}

/// Lets a second pass: ids made in the same millisecond are in no order.
fn tick(db: &TestDb) {
    db.clock().advance(Duration::from_secs(1));
}

async fn rename(db: &TestDb, coach: CoachActor, name: &str) {
    db.accounts().update_profile(Actor::Coach(coach), name, "Europe/Berlin").await.expect("a name");
}

fn draft(slug: &str, headline: &str, topics: &[&str]) -> ProfileDraft {
    ProfileDraft {
        slug: slug.to_owned(),
        headline: headline.to_owned(),
        bio: String::new(),
        languages: vec!["English".to_owned()],
        topics: topics.iter().map(|topic| (*topic).to_owned()).collect(),
        listed: true,
    }
}

fn row(from: &str, until: &str) -> WindowDraft {
    WindowDraft { from: from.to_owned(), until: until.to_owned() }
}
