use serde::Deserialize;

use super::{Access, CallError, Google, RemoteCalendar};

/// No account has more pages of 250 calendars; more is a page that leads to itself.
const PAGES: usize = 40;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    #[serde(default)]
    items: Vec<Entry>,
    next_page_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    id: String,
    summary: Option<String>,
    summary_override: Option<String>,
    time_zone: Option<String>,
    access_role: Option<String>,
    #[serde(default)]
    primary: bool,
    #[serde(default)]
    deleted: bool,
}

impl Google {
    pub(super) async fn list(&self, with: &Access<'_>) -> Result<Vec<RemoteCalendar>, CallError> {
        let url = format!("{}/calendar/v3/users/me/calendarList", self.api_url);
        let (mut calendars, mut next) = (Vec::new(), None::<String>);
        for _ in 0..PAGES {
            // One that is hidden in Google's own pages still takes the coach's time.
            let mut query = vec![("maxResults", "250"), ("minAccessRole", "freeBusyReader"), ("showHidden", "true")];
            query.extend(next.as_deref().map(|token| ("pageToken", token)));
            let page: Page = self.ask(with, self.oauth.http.client().get(&url).query(&query)).await?;
            calendars.extend(page.items.into_iter().filter(|entry| !entry.deleted).map(remote));
            match page.next_page_token {
                Some(token) => next = Some(token),
                None => return Ok(calendars),
            }
        }
        Err(CallError::BadAnswer("a list without an end"))
    }
}

fn remote(entry: Entry) -> RemoteCalendar {
    let name = entry.summary_override.or(entry.summary).filter(|name| !name.is_empty());
    RemoteCalendar {
        name: name.unwrap_or_else(|| entry.id.clone()),
        external_id: entry.id,
        external_kind: String::new(),
        credential_ref: None,
        time_zone: entry.time_zone,
        primary: entry.primary,
        // The scope that is asked for writes to owned calendars only.
        writable: entry.access_role.as_deref() == Some("owner"),
        problem: None,
    }
}
