//! Lists: newest first, in pages, by the time of making.

use serde_json::{Value, json};

use super::call::Call;
use super::error::{Answer, Error};

/// Parameters that every list takes.
const COMMON: [&str; 5] = ["created", "ending_before", "expand", "limit", "starting_after"];
/// What a page has when nothing is said, and what it may have at most.
const LIMIT: (usize, i64) = (10, 100);

/// Bounds of the time of making, in Unix seconds, both within.
struct Made(i64, i64);

impl Call<'_> {
    /// Refuses parameters that are neither `known` nor those of every list.
    pub(super) fn only_list(&self, known: &[&str]) -> Result<(), Error> {
        self.params.only(&[known, &COMMON].concat())
    }

    fn made(&self) -> Result<Made, Error> {
        let mut made = Made(i64::MIN, i64::MAX);
        // One instant, or bounds.
        let Ok(Some(bounds)) = self.params.object("created") else {
            return Ok(self.params.integer("created")?.map_or(made, |at| Made(at, at)));
        };
        bounds.only(&["gt", "gte", "lt", "lte"])?;
        for (name, shift) in [("gt", 1), ("gte", 0)] {
            made.0 = made.0.max(bounds.integer(name)?.map_or(i64::MIN, |at| at.saturating_add(shift)));
        }
        for (name, shift) in [("lt", 1), ("lte", 0)] {
            made.1 = made.1.min(bounds.integer(name)?.map_or(i64::MAX, |at| at.saturating_sub(shift)));
        }
        Ok(made)
    }

    /// The page of `items` that the call asks for; `items` are `object`s at `url`, in the order of their making.
    pub(super) fn page(&self, object: &str, url: &str, mut items: Vec<Value>) -> Answer {
        let (usual, most) = LIMIT;
        let limit = match self.params.integer("limit")? {
            Some(limit) if (1..=most).contains(&limit) => usize::try_from(limit).unwrap_or(usual),
            None => usual,
            Some(_) => {
                let words = format!("This value must be between 1 and {most}.");
                return Err(Error::parameter("limit", words).code("parameter_invalid_integer"));
            }
        };
        let limit = self.page_limit.map_or(limit, |most| limit.min(most.max(1)));
        let (after, before) = (self.params.text("starting_after", 500)?, self.params.text("ending_before", 500)?);
        if after.is_some() && before.is_some() {
            return Err(Error::parameter("ending_before", "You cannot give both `starting_after` and `ending_before`."));
        }
        items.reverse();
        let place = |id: &str, param: &str| items.iter().position(|item| item["id"] == id).ok_or_else(|| Error::missing(object, id, param));
        let (mut from, mut to) = (0, items.len());
        if let Some(id) = after {
            from = place(id, "starting_after")? + 1;
        }
        if let Some(id) = before {
            to = place(id, "ending_before")?;
        }
        let Made(first, last) = self.made()?;
        let made = |item: &Value| item["created"].as_i64().is_none_or(|at| (first..=last).contains(&at));
        let mut left: Vec<Value> = items.drain(from..to).filter(made).collect();
        let more = left.len() > limit;
        // Backwards, the page is the one next to the end.
        let data = if before.is_some() { left.split_off(left.len().saturating_sub(limit)) } else { left.into_iter().take(limit).collect() };
        Ok(json!({ "object": "list", "data": data, "has_more": more, "url": url }))
    }
}
