use std::{collections::HashMap, fmt};

use crate::{
    Deps,
    model::UserId,
    store::{Row, StoreError, sql_for},
    time::hash_secret,
};

/// What somebody may look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Topic {
    /// What a coach offers and what is taken of it: the public page of a coach, and the coach's own pages.
    Coach(UserId),
    /// The bookings of a mentee.
    Mentee(UserId),
}

/// How something stood at a moment: another mark, and something has changed. It says no more than that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark(String);

impl Mark {
    fn of(topic: Topic, row: &Row) -> Result<Self, StoreError> {
        let (a, b, c): (i64, i64, i64) = (row.get("a")?, row.get("b")?, row.get("c")?);
        let mut text = hash_secret(&format!("{topic:?} {a} {b} {c}"));
        text.truncate(22);
        Ok(Self(text))
    }

    /// The mark as text, for a page and for an event's id.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

macro_rules! marks {
    ($coaches:literal, $mentees:literal, $int:literal) => {
        concat!(
            "SELECT 'coach' AS topic, c.user_id AS id, c.revision AS a, c.claims_revision AS b,
                (SELECT COUNT(*) FROM claims h WHERE h.coach_id = c.user_id AND h.expires_at <= $3) AS c
             FROM coaches c WHERE c.user_id IN ",
            $coaches,
            " UNION ALL
             SELECT 'mentee', u.id, COUNT(b.id), COALESCE(SUM(b.updated_at), 0)",
            $int,
            ", COUNT(b.meeting_link)
             FROM users u LEFT JOIN bookings b ON b.client_id = u.id WHERE u.id IN ",
            $mentees,
            " GROUP BY u.id"
        )
    };
}

/// The marks of `topics`, in one statement. What does not exist has none.
///
/// A coach's is made of the two revisions that every change raises, and of the holds that have ended by themselves, which nothing raises.
/// A mentee's is made of all their bookings' last changes: their sum, as the newest alone may be another server's clock ahead.
pub(super) async fn read(deps: &Deps, topics: &[Topic]) -> Result<HashMap<Topic, Mark>, StoreError> {
    let mut ids = (Vec::new(), Vec::new());
    for topic in topics {
        match topic {
            Topic::Coach(id) => ids.0.push(id.as_str()),
            Topic::Mentee(id) => ids.1.push(id.as_str()),
        }
    }
    let read = sql_for(
        marks!("(SELECT value FROM json_each($1))", "(SELECT value FROM json_each($2))", ""),
        marks!("(SELECT jsonb_array_elements_text($1::jsonb))", "(SELECT jsonb_array_elements_text($2::jsonb))", "::bigint"),
    );
    let read = read.bind(serde_json::json!(ids.0).to_string()).bind(serde_json::json!(ids.1).to_string()).bind(deps.clock.now());
    let mut marks = HashMap::with_capacity(topics.len());
    for row in read.all(&deps.store).await? {
        let (kind, id): (String, UserId) = (row.get("topic")?, row.get("id")?);
        let topic = if kind == "coach" { Topic::Coach(id) } else { Topic::Mentee(id) };
        marks.insert(topic, Mark::of(topic, &row)?);
    }
    Ok(marks)
}
